import type { FieldSet } from '../../schema/fieldSet.ts';

export type ConsentState = 'REQUESTED' | 'ACTIVE' | 'DECLINED' | 'WITHDRAWN' | 'EXPIRED' | 'USED_UP' | 'SUSPENDED' | 'SUPERSEDED';

/** How identity was proved for one statement of a consent. */
export interface IdentityProof {
  /** Identity method id, as in a dataset's accepted methods: `citizen-certificate`, `otp-sms`, `multi-factor`, … */
  readonly method: string;
  readonly assurance: 'LOW' | 'SUBSTANTIAL' | 'HIGH';
  /** Seconds since the epoch. */
  readonly authTime: number;
}

/** One agreed statement: ordinary, special-category (PDPA §6) and third-party fields are agreed by acts of their own. */
export interface Statement {
  readonly kind: 'ORDINARY' | 'SPECIAL' | 'THIRD_PARTY';
  readonly legalBasis: string;
  readonly proof: IdentityProof;
  readonly fields: FieldSet;
}

export interface ConsentEvent {
  readonly kind:
    | 'REQUESTED'
    | 'GRANTED'
    | 'DECLINED'
    | 'NARROWED'
    | 'SHORTENED'
    | 'STEPPED_UP'
    | 'WITHDRAWN'
    | 'EXPIRED'
    | 'USED_UP'
    | 'SUSPENDED'
    | 'RESUMED'
    | 'SUPERSEDED';
  /** The consent's version after this change: (consent id, version) makes publishing idempotent. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Only in the outbox: the consent's fields after this change, and the request that made it; both go to the audit log. */
  readonly fields?: FieldSet;
  readonly request?: string;
}

/** What a relying party asked for: the most that can be agreed. */
export interface ConsentRequested {
  readonly fields: FieldSet;
  /** ISO 8601, `P6M`. */
  readonly duration: string;
}

export interface Use {
  /** The token's grant. */
  readonly grant: string;
  readonly documentHash: string;
  readonly variablesHash: string;
  /** When it was taken; the same use may repeat for ten minutes. Milliseconds since the epoch. */
  readonly at: number;
}

/** One consent, one document (docs/contract.md §3). Times are milliseconds since the epoch. */
export interface Consent {
  /** 128 random bits, base64url. */
  readonly _id: string;
  /** Version of the stored form. */
  readonly v: 1;
  /** Goes up by one with each change of state or content. */
  readonly version: number;
  readonly state: ConsentState;
  /** DataSubject.id whose records; null until somebody has logged in to a request. */
  readonly subject: string | null;
  readonly grantedBy: {
    readonly subject: string;
    readonly capacity: 'SELF' | 'PARENT' | 'GUARDIAN' | 'HEIR';
    readonly evidence: string | null;
  } | null;
  /** OAuth client id of the relying party. */
  readonly client: string;
  /** Service provider: an agency, unit or company of the catalogue; `self` for one's own download. */
  readonly provider: string;
  readonly service: { readonly id: string; readonly version: number };
  readonly purpose: { readonly code: string; readonly textHash: string };
  readonly mode: 'ONE_TIME' | 'PERIOD';
  /** Null: no cap. ONE_TIME is a cap of 1. */
  readonly maxUses: number | null;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly statements: readonly Statement[];
  /** What was asked; kept, so that a refusal can say that a stronger proof would open a field, and a screen can be shown again. */
  readonly requested?: ConsentRequested;
  /** Proofs of identity made for this consent so far, the newest last; a statement names its own. */
  readonly proofs?: readonly IdentityProof[];
  /** SHA-256 of the stored canonical JSON model of the screen that was shown; null until agreed. */
  readonly screen: string | null;
  readonly uses: readonly Use[];
  readonly history: readonly ConsentEvent[];
  /** Events not yet in the audit log. */
  readonly outbox: readonly ConsentEvent[];
}

/** What a registered service may ask of one dataset, at most. */
export interface ServiceDataset {
  readonly dataset: string;
  readonly necessity: 'REQUIRED' | 'CONDITIONAL' | 'OPTIONAL';
  readonly fields: readonly string[];
  /** Third-party leaves among `fields` that the registration names on purpose. */
  readonly thirdPartyFields: readonly string[];
  readonly why: { readonly 'zh-TW': string; readonly en: string };
}

/** A registered service: the upper bound of every consent given to it. */
export interface Service {
  /** Service id of the catalogue, `online.moe.low-income-tuition-waiver`. */
  readonly _id: string;
  readonly v: 1;
  readonly version: number;
  readonly state: 'LIVE' | 'SUSPENDED';
  readonly channel: 'ONLINE' | 'COUNTER' | 'DOWNLOAD';
  /** Who asks: the service row's requester, `moe.k12ea`. */
  readonly provider: string;
  readonly providerName: { readonly 'zh-TW': string; readonly en: string };
  readonly ministry: string;
  readonly name: { readonly 'zh-TW': string; readonly en: string };
  /** `code` is a DPV purpose term (`dpv:…`); `pdpa` the PDPA's specific-purpose number. */
  readonly purpose: { readonly code: string; readonly pdpa: string; readonly text: { readonly 'zh-TW': string; readonly en: string } };
  readonly legalBasis: { readonly 'zh-TW': string; readonly en: string };
  readonly mode: 'ONE_TIME' | 'PERIOD';
  /** Longest duration, ISO 8601 (`P6M`). */
  readonly longest: string;
  readonly maxUses: number | null;
  readonly datasets: readonly ServiceDataset[];
  /** OAuth clients that may use it. */
  readonly clients: readonly string[];
}

/** What the decision needs to know of a data subject, as fresh as the consent. */
export interface SubjectStanding {
  readonly state: 'ACTIVE' | 'FROZEN' | 'DECEASED' | 'CLOSED';
}
