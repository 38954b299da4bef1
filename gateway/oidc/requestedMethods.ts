import type { Contract } from '../../schema/contract.ts';
import { acceptedMethods, detailsOf } from './consentDetails.ts';

/** Parameters of an authorization request that say how identity must be proved. */
export interface RequestParameters {
  readonly acr_values?: unknown;
  readonly claims?: unknown;
  readonly authorization_details?: unknown;
}

/** The `acr` values that a request insists on (`acr_values` of RFC 9470, or the `claims` parameter); null: any. */
export function requestedAcrs({ acr_values: list, claims }: RequestParameters): readonly string[] | null {
  if (typeof list === 'string' && list.trim() !== '') return list.trim().split(/ +/);
  if (typeof claims !== 'string') return null;
  const { value, values } =
    (JSON.parse(claims) as { id_token?: { acr?: { value?: unknown; values?: unknown } | null } }).id_token?.acr ?? {};
  if (value === undefined && values === undefined) return null;
  // What is no text names no method: such a request cannot be met.
  const wanted: readonly unknown[] = value === undefined ? (Array.isArray(values) ? values : []) : [value];
  return wanted.filter((one) => typeof one === 'string');
}

/**
 * The methods that help with a request: those it insists on, and of them those that open a field it asks for. Empty: the request cannot be
 * fulfilled by anybody here.
 */
export function helpfulMethods<M extends { readonly id: string; readonly acr: string }>(
  params: RequestParameters,
  methods: readonly M[],
  contract: Contract,
): readonly M[] {
  const acrs = requestedAcrs(params);
  const details = detailsOf(params);
  const accepted = details === null ? null : [...acceptedMethods(details, contract).values()];
  return methods.filter(
    ({ id, acr }) => (acrs === null || acrs.includes(acr)) && (accepted === null || accepted.some((some) => some.has(id))),
  );
}
