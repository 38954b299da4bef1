import type { ErrorCode } from '../../schema/errors.ts';
import type { IdentityProof } from '../domain/consent.ts';

/** One text in both languages of the screens. */
export interface BothLanguages {
  readonly 'zh-TW': string;
  readonly en: string;
}

/** A person's key in the registers: the number of a national's card, or of a foreign resident's. Never logged, never in a URL. */
export interface Nid {
  readonly kind: 'NATIONAL_ID' | 'UI_NUMBER';
  readonly value: string;
}

/** What a method's form asks, as data; a page renders it (no HTML in this room). */
export interface MethodField {
  /** The form member's name in {@link IdentityMethod.submit}. */
  readonly name: string;
  readonly label: BothLanguages;
  /** `signature`: made over the step's challenge, by assets/sign-challenge.js or pasted from `npm run card -- sign`. */
  readonly kind: 'text' | 'password' | 'date' | 'tel' | 'file' | 'hidden' | 'signature';
  /** For the `pattern` attribute: the whole value, no anchors. */
  readonly pattern?: string;
  readonly autocomplete?: string;
  readonly required: boolean;
  /** Name of a group of fields of which one must be filled in. */
  readonly oneOf?: string;
  readonly hint?: BothLanguages;
}

/** One form of a method. */
export interface MethodStep {
  readonly step: string;
  readonly fields: readonly MethodField[];
  /** To be signed by the citizen's card. Single use, five minutes. */
  readonly challenge?: string;
  /** Demonstration only: URL of its software cards (JSON), for assets/sign-challenge.js; the page gives it on as `data-cards`. */
  readonly cards?: string;
  /** Said above the form: what was sent where, or what to correct. */
  readonly message?: BothLanguages;
}

/** Identity proved, not yet a data subject: `prove` makes it one. */
export interface Proved {
  readonly kind: 'PROVED';
  readonly nid: Nid;
  /** Identity method id, `otp-sms`. */
  readonly method: string;
  readonly assurance: IdentityProof['assurance'];
  /** Seconds since the epoch. */
  readonly authTime: number;
}

/** What came of one form. A refusal never says which of the entries was wrong. */
export type MethodResult =
  | Proved
  | { readonly kind: 'CONTINUE'; readonly step: MethodStep; readonly state: string }
  /** IDENTITY_NOT_PROVED, IDENTITY_LOCKED, CARD_REJECTED, SESSION_EXPIRED, UNAVAILABLE (a register did not answer). */
  | { readonly kind: 'REFUSED'; readonly code: ErrorCode };

/** What a method knows of the request that carries a form. */
export interface SubmitContext {
  /** Id of the login interaction: a state is good for the one it was begun in. */
  readonly interaction: string;
  /** Request id, for the audit. */
  readonly request: string;
  /** The browser's address, for rate limits; kept only as a keyed hash. */
  readonly address: string;
}

/** A way to prove identity: a plug-in, one file each. */
export interface IdentityMethod {
  /** `citizen-certificate`, `otp-sms`, `multi-factor`, … as in a dataset's `methods`. */
  readonly id: string;
  /** `urn:mydata:acr:<id>`. */
  readonly acr: string;
  readonly label: BothLanguages;
  readonly assurance: IdentityProof['assurance'];
  begin(context: { readonly interaction: string; readonly language: 'zh-TW' | 'en' }): Promise<MethodStep & { readonly state: string }>;
  submit(state: string, form: Readonly<Record<string, string>>, context: SubmitContext): Promise<MethodResult>;
}
