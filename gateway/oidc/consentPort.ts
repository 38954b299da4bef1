import type { ErrorCode } from '../../schema/errors.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { Consent, IdentityProof } from '../domain/consent.ts';
import type { ScreenModel } from '../domain/screenModel.ts';
import type { ConsentDetails } from './consentDetails.ts';

/** An expected refusal, as a value. */
export interface Refused {
  readonly kind: 'REFUSED';
  readonly code: ErrorCode;
  readonly detail?: string;
}

/** The screen as it is shown and kept. */
export interface ShownScreen {
  readonly kind: 'SCREEN';
  readonly model: ScreenModel;
  /** By which the consent names it. */
  readonly hash: string;
}

/** Functions of the consent room, wired by main. */
export interface ConsentPort {
  /** Whether this client may ask for this, of anybody: form, service, registration, contract. */
  validateRequest(client: string, details: unknown): Promise<{ readonly kind: 'VALID' } | Refused>;
  /** A new consent in state REQUESTED; its id. */
  request(asked: { readonly client: string; readonly details: ConsentDetails }): Promise<{ readonly kind: 'REQUESTED'; readonly consent: string } | Refused>;
  /** Notes the subject and her proof in the request, and makes and keeps the screen. */
  screen(shown: {
    readonly consent: string;
    readonly subject: string;
    readonly proof: IdentityProof;
    readonly language: 'zh-TW' | 'en';
    /** Request id, for the audit. */
    readonly request: string;
  }): Promise<ShownScreen | Refused>;
  /** Usable when this resolves. `screen`: hash of what was shown. */
  grant(agreed: {
    readonly consent: string;
    readonly subject: string;
    readonly screen: string;
    readonly fields: FieldSet;
    /** The separate acts she performed. */
    readonly acts: readonly ('SPECIAL' | 'THIRD_PARTY')[];
    /** ISO 8601. */
    readonly duration: string;
    readonly request: string;
  }): Promise<{ readonly kind: 'GRANTED' } | Refused>;
  decline(refused: { readonly consent: string; readonly subject: string; readonly request: string }): Promise<void>;
  /** RFC 9470: adds the proof to the subject's active consent that covers what is asked; its id, or null when there is none. */
  stepUp(again: {
    readonly client: string;
    readonly subject: string;
    readonly details: ConsentDetails;
    readonly proof: IdentityProof;
    readonly request: string;
  }): Promise<string | null>;
  /** The live consent. */
  read(id: string): Promise<Consent | null>;
}
