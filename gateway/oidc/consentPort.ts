import type { ErrorCode } from '../../schema/errors.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { Consent, IdentityProof, Statement } from '../domain/consent.ts';
import type { ScreenModel } from '../domain/screenModel.ts';

/** An expected refusal, as a value. */
export interface Refused {
  readonly kind: 'REFUSED';
  readonly code: ErrorCode;
  readonly detail?: string;
}

/** The screen as it is shown and kept. */
export interface Shown {
  readonly kind: 'SHOWN';
  readonly model: ScreenModel;
  /** To be given back with the agreement. */
  readonly hash: string;
}

interface Actor {
  readonly consentId: string;
  readonly subject: string;
  /** Request id, for the audit. */
  readonly request?: string;
}

type Changed = { readonly kind: 'CHANGED'; readonly consent: Consent };
type Proving = Actor & { readonly proof: IdentityProof };

/** Functions of the consent room, wired by main. */
export interface ConsentPort {
  /** Whether this client may ask for this, of anybody: form, service, registration, contract. */
  validateRequest(client: string, authorizationDetails: unknown): Promise<{ readonly kind: 'VALID' } | Refused>;
  /** Keeps the request; it waits an hour for an answer. */
  request(client: string, authorizationDetails: unknown): Promise<{ readonly kind: 'REQUESTED'; readonly consent: Consent } | Refused>;
  /** What the citizen is to see; notes her and her proof in the request. */
  screen(input: Proving & { readonly language: 'zh-TW' | 'en' }): Promise<Shown | Refused>;
  /** Usable when this resolves. */
  grant(
    input: Proving & {
      readonly agreed: FieldSet;
      readonly acts: readonly Exclude<Statement['kind'], 'ORDINARY'>[];
      /** ISO 8601. */
      readonly duration: string;
      readonly screenHash: string;
    },
  ): Promise<Changed | Refused>;
  decline(input: Actor): Promise<Changed | Refused>;
  /** Adds the proof to a consent that she gave before. */
  stepUp(input: Proving): Promise<Changed | Refused>;
  /** The live consent. */
  read(id: string): Promise<Consent | null>;
  /** A data subject's consents, newest first. */
  listForSubject(subject: string, page: { readonly first: number }): Promise<{ readonly consents: readonly Consent[] }>;
}
