import type { Bilingual } from '../../schema/bilingual.ts';
import type { ErrorCode } from '../../schema/errors.ts';
import type { IdentityProof } from '../domain/consent.ts';
import type { StepForm } from '../pages/methodStepPage.ts';

/** Identity proved, not yet a data subject; opaque here: it holds the person's number, which this room neither reads nor keeps. */
export interface Proved {
  readonly kind: 'PROVED';
  readonly method: string;
}

export type SubmitResult<P extends Proved> =
  | P
  | { readonly kind: 'CONTINUE'; readonly step: StepForm; readonly state: string }
  | { readonly kind: 'REFUSED'; readonly code: ErrorCode };

/** What the login pages need of an identity method. */
export interface LoginMethod<P extends Proved> {
  readonly id: string;
  /** `urn:mydata:acr:<id>`. */
  readonly acr: string;
  readonly label: Bilingual;
  readonly assurance: IdentityProof['assurance'];
  begin(context: { readonly interaction: string; readonly language: 'zh-TW' | 'en' }): Promise<StepForm & { readonly state: string }>;
  submit(
    state: string,
    form: Readonly<Record<string, string>>,
    context: { readonly interaction: string; readonly request: string; readonly address: string },
  ): Promise<SubmitResult<P>>;
}

/** Functions of the identity room, wired by main. */
export interface IdentityPort<P extends Proved> {
  /** By id. */
  readonly methods: ReadonlyMap<string, LoginMethod<P>>;
  /** The data subject of a proof, made at her first login. Throws HubError where she may not log in. */
  prove(proved: P, context: { readonly request: string }): Promise<{ readonly subject: string; readonly proof: IdentityProof }>;
}
