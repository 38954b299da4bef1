import type { ErrorCode } from '../../schema/errors.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';

/** Why fields are refused; `code` in the answer is the error table's key, `reason` this. */
export type RefusalReason =
  'NOT_CONSENTED' | 'WITHDRAWN' | 'EXPIRED' | 'USED_UP' | 'SUSPENDED' | 'ASSURANCE_TOO_LOW' | 'SOURCE_UNAVAILABLE';

/** The one correspondence of reasons and codes. */
export const CODE_OF_REASON = {
  NOT_CONSENTED: 'CONSENT_MISSING',
  WITHDRAWN: 'CONSENT_WITHDRAWN',
  EXPIRED: 'CONSENT_EXPIRED',
  USED_UP: 'CONSENT_USED_UP',
  SUSPENDED: 'CONSENT_SUSPENDED',
  ASSURANCE_TOO_LOW: 'ASSURANCE_TOO_LOW',
  SOURCE_UNAVAILABLE: 'SOURCE_UNAVAILABLE',
} as const satisfies Record<RefusalReason, ErrorCode>;

/** Fields of one dataset refused for one reason. */
export interface Refusal {
  readonly dataset: string;
  readonly fields: readonly string[];
  readonly reason: RefusalReason;
  /** Only with ASSURANCE_TOO_LOW: the `acr` values that would open the fields, weakest first. */
  readonly acrValues?: readonly string[];
}

/** What an operation would reveal, decided. `permitted` and the refusals' fields together are exactly what was asked. */
export interface Disclosure {
  readonly permitted: FieldSet;
  readonly refusals: readonly Refusal[];
}
