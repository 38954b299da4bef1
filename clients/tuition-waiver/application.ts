import type { Answer, Fields } from '../sdk/relyingParty.ts';

/** The registered service of 國教署 whose system this is. */
export const SERVICE = 'online.moe.low-income-tuition-waiver';

/** What the waiver needs, and what helps: exactly the service's registration. */
export const DATASETS: Fields = {
  'mohw.low-income': ['category', 'certificateNumber', 'validFrom', 'validTo'],
  'moi.household.personal': ['birthDate', 'name', 'nationalId'],
};

/** One operation for all of it; refused fields come back null with a typed reason. */
export const OPERATION = /* GraphQL */ `
  query TuitionWaiver {
    me {
      lowIncome {
        certificateNumber
        category
        validFrom
        validTo
      }
      householdPersonal {
        name
        nationalId
        birthDate
      }
    }
  }
`;

export interface TuitionWaiverData {
  readonly me: {
    readonly lowIncome: {
      readonly certificateNumber: string | null;
      readonly category: string | null;
      readonly validFrom: string | null;
      readonly validTo: string | null;
    } | null;
    readonly householdPersonal: {
      readonly name: string | null;
      readonly nationalId: string | null;
      readonly birthDate: string | null;
    } | null;
  } | null;
}

export type Decision = 'GRANTED' | 'NO_CERTIFICATE' | 'NOT_AUTHORIZED' | 'SOURCE_DOWN';

/** What the student-aid system makes of an answer. A pure rule: a current certificate of either category waives the fees. */
export function decideWaiver(answer: Answer<TuitionWaiverData>): Decision {
  const certificate = answer.data?.me?.lowIncome;
  if (certificate?.category && certificate.validTo) return 'GRANTED';
  const refused = answer.errors.filter(({ extensions }) => extensions.dataset === 'mohw.low-income');
  if (refused.some(({ extensions }) => extensions.reason === 'SOURCE_UNAVAILABLE')) return 'SOURCE_DOWN';
  if (refused.length > 0 || answer.data === null) return 'NOT_AUTHORIZED';
  return 'NO_CERTIFICATE';
}

/** How identity must be proved to open fields that were refused for want of it (RFC 9470 `acr_values`); null: that would open nothing more. */
export function strongerProof(answer: Answer<TuitionWaiverData>): readonly string[] | null {
  const wanting = answer.errors.filter(({ extensions }) => extensions.reason === 'ASSURANCE_TOO_LOW');
  const values = new Set(wanting.flatMap(({ extensions }) => extensions.acrValues ?? []));
  return values.size > 0 ? [...values] : null;
}
