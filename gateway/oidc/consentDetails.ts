import type { Contract } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { leafAt } from '../domain/registration.ts';

/** Type of the one element of `authorization_details` (RFC 9396). */
export const CONSENT_DETAILS = 'urn:mydata:consent';

/** What a relying party asks for; its form was checked by the consent room. */
export interface ConsentDetails {
  readonly type: typeof CONSENT_DETAILS;
  readonly service: string;
  readonly datasets: FieldSet;
}

/** The details of an authorization request's parameters; null in the hub's own client. */
export function detailsOf(params: { readonly authorization_details?: unknown }): ConsentDetails | null {
  const { authorization_details: json } = params;
  if (typeof json !== 'string') return null;
  const [first] = JSON.parse(json) as readonly ConsentDetails[];
  return first ?? null;
}

/** For each dataset asked for, the identity methods that open at least one of its fields asked for. */
export function acceptedMethods({ datasets }: ConsentDetails, contract: Contract): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    Object.entries(datasets).map(([dataset, paths]) => [
      dataset,
      new Set(paths.flatMap((path) => leafAt(contract, dataset, path)?.methods ?? [])),
    ]),
  );
}
