import { GraphQLError } from 'graphql';
import type { Contract } from '../../schema/contract.ts';
import { ERRORS } from '../../schema/errors.ts';
import { fieldSet, type FieldSet } from '../../schema/fieldSet.ts';
import type { Consent, Service } from '../domain/consent.ts';
import { CODE_OF_REASON, type Refusal, type RefusalReason } from '../domain/disclosure.ts';
import { isRegistered, leafAt } from '../domain/registration.ts';
import type { Closure, Place } from './closure.ts';

/** Reasons that a new or stronger consent would remove: their errors say what to ask the authorization server for. */
const CURABLE: ReadonlySet<RefusalReason> = new Set(['NOT_CONSENTED', 'WITHDRAWN', 'EXPIRED', 'USED_UP', 'ASSURANCE_TOO_LOW']);

/**
 * The decision's refusals, and one for each dataset of which an object was asked without any leaf: NOT_CONSENTED whatever the consent, with
 * no field of its own, because no consent opens bare presence (docs/contract.md §2).
 */
export function withBareObjects(refusals: readonly Refusal[], closure: Closure): readonly Refusal[] {
  if (!closure.places.some((place) => place.bare)) return refusals;
  const bare = new Set(closure.places.filter((place) => place.bare).map(({ dataset }) => dataset));
  for (const { dataset, reason } of refusals) if (reason === 'NOT_CONSENTED') bare.delete(dataset);
  return [...refusals, ...[...bare].map((dataset): Refusal => ({ dataset, fields: [], reason: 'NOT_CONSENTED' }))];
}

/** Everything that the operation asks of datasets, refused for one reason. */
export function refuseAll(asked: FieldSet, reason: RefusalReason): readonly Refusal[] {
  return Object.entries(asked).map(([dataset, fields]) => ({ dataset, fields, reason }));
}

/** Whose consent was decided on; nulls where there is none. */
export interface Asker {
  readonly contract: Contract;
  readonly consent: Consent | null;
  readonly service: Service | null;
}

/**
 * One error for each refusal (docs/contract.md §2). The path leads to the dataset's root by response keys alone: it is the same whether or
 * not a record exists.
 */
export function refusalErrors(refusals: readonly Refusal[], { places }: Closure, asker: Asker | null): GraphQLError[] {
  return refusals.map((refusal) => {
    const { dataset, fields, reason, acrValues } = refusal;
    const code = CODE_OF_REASON[reason];
    const details = asker === null ? null : authorizationDetails(refusal, asker);
    return new GraphQLError(fields.length === 0 ? BARE : ERRORS[code].en, {
      path: placeOf(refusal, places),
      extensions: {
        code,
        reason,
        dataset,
        fields,
        ...(details === null ? {} : { authorizationDetails: details }),
        ...(acrValues === undefined ? {} : { acrValues }),
      },
    });
  });
}

/** For an object that was asked without a field. */
const BARE = 'Select a field below this object that the citizen has consented to: the object alone would tell whether there is a record.';

function placeOf({ dataset, fields }: Refusal, places: readonly Place[]): readonly string[] {
  const here = places.filter((place) => place.dataset === dataset);
  const place = here.find((candidate) => (fields.length === 0 ? candidate.bare : candidate.fields.some((field) => fields.includes(field))));
  return (place ?? here[0])?.path ?? [];
}

/** What the client may push to the authorization server (RFC 9396): no more than its service is registered for. */
function authorizationDetails({ dataset, fields, reason }: Refusal, { contract, consent, service }: Asker): readonly object[] | null {
  if (!CURABLE.has(reason) || consent === null || service === null) return null;
  const registered = fields.filter((field) => {
    const leaf = leafAt(contract, dataset, field);
    return leaf !== undefined && isRegistered(service, leaf);
  });
  if (registered.length === 0) return null;
  return [{ type: 'urn:mydata:consent', service: service._id, datasets: fieldSet([[dataset, registered]]) }];
}

/** RFC 9470 §3: the challenge when a stronger proof of identity would open everything that was asked. */
export function assuranceChallenge(refusals: readonly Refusal[]): string | null {
  if (refusals.length === 0 || refusals.some(({ reason }) => reason !== 'ASSURANCE_TOO_LOW')) return null;
  const [first, ...others] = refusals.map(({ acrValues }) => acrValues ?? []);
  // What opens all of them, weakest first; if nothing does, what opens the first.
  const common = (first ?? []).filter((acr) => others.every((values) => values.includes(acr)));
  const values = (common.length > 0 ? common : (first ?? [])).join(' ');
  return `DPoP error="insufficient_user_authentication", error_description="A stronger proof of identity is needed", acr_values="${values}"`;
}
