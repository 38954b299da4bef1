import { Schema, type Connection, type Model } from 'mongoose';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { Consent, ConsentEvent, Statement, Use } from '../domain/consent.ts';

/** A field set as it is stored: dataset ids hold dots, which no member's name in a document should. */
type StoredFields = readonly { readonly dataset: string; readonly fields: readonly string[] }[];

/** docs/contract.md §3, as stored. */
export interface StoredConsent extends Omit<Consent, 'statements' | 'requested' | 'outbox' | 'uses'> {
  readonly statements: readonly (Omit<Statement, 'fields'> & { readonly fields: StoredFields })[];
  readonly requested: { readonly fields: StoredFields; readonly duration: string };
  readonly outbox: readonly (Omit<ConsentEvent, 'fields'> & { readonly fields: StoredFields })[];
  /** `key` says by which grant, document and variables, and the how manieth: unique in one consent. */
  readonly uses: readonly (Use & { readonly key: string })[];
}

export type ConsentModel = Model<StoredConsent>;

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const strict = { _id: false, strict: 'throw' } as const;

const fields = [new Schema({ dataset: text, fields: [String] }, strict)];
const proof = new Schema({ method: text, assurance: text, authTime: number }, strict);
const event = { kind: text, version: number, at: number } as const;

/**
 * Retention: five years after the consent ended, as proof of what was agreed (PDPA art. 30: damages are claimed within five years); a request
 * that nobody answered goes with the next sweep. `erase` in consents.ts does both.
 * Migration: `v` is the form's version; a reader takes its own and refuses another. A new form comes with a script that rewrites document by
 * document, each in one conditional update on `v`; fields of statements are never added by it (an old consent names what it named).
 */
const consentSchema = new Schema(
  {
    _id: text,
    v: number,
    version: number,
    state: text,
    subject: { type: String, default: null },
    grantedBy: { type: new Schema({ subject: text, capacity: text, evidence: { type: String, default: null } }, strict), default: null },
    client: text,
    provider: text,
    service: new Schema({ id: text, version: number }, strict),
    purpose: new Schema({ code: text, textHash: text }, strict),
    mode: text,
    maxUses: { type: Number, default: null },
    notBefore: number,
    notAfter: number,
    statements: [new Schema({ kind: text, legalBasis: text, proof, fields }, strict)],
    requested: new Schema({ fields, duration: text }, strict),
    proofs: [proof],
    screen: { type: String, default: null },
    uses: [new Schema({ key: text, grant: text, documentHash: text, variablesHash: text, at: number }, strict)],
    history: [new Schema(event, strict)],
    outbox: [new Schema({ ...event, fields, request: String }, strict)],
  },
  { versionKey: false, strict: 'throw', minimize: false },
);
consentSchema.index({ subject: 1, notBefore: -1, _id: -1 });
consentSchema.index({ state: 1, notAfter: 1 });
consentSchema.index({ 'outbox.version': 1 });

/** The consents on the `hub` connection. */
export function consentModel(connection: Connection): ConsentModel {
  return (
    (connection.models['Consent'] as ConsentModel | undefined) ??
    (connection.model('Consent', consentSchema, 'consents') as unknown as ConsentModel)
  );
}

const store = (set: FieldSet): StoredFields => Object.entries(set).map(([dataset, paths]) => ({ dataset, fields: [...paths] }));
const load = (stored: StoredFields): FieldSet => Object.fromEntries(stored.map(({ dataset, fields: paths }) => [dataset, paths]));

/** The members that a change may set; a use is taken on its own, and never written back. */
export function toStored(consent: Consent): Omit<StoredConsent, 'uses'> {
  const { uses: _uses, statements, requested, outbox, proofs, ...rest } = consent;
  return {
    ...rest,
    proofs: proofs ?? [],
    statements: statements.map((statement) => ({ ...statement, fields: store(statement.fields) })),
    requested: { fields: store(requested?.fields ?? {}), duration: requested?.duration ?? '' },
    outbox: outbox.map((one) => ({ ...one, fields: store(one.fields ?? {}) })),
  };
}

/** Throws for a form that this reader does not know: it must not guess what was agreed. */
export function fromStored(stored: StoredConsent): Consent {
  if (stored.v !== 1) throw new TypeError(`A consent of form ${String(stored.v)} cannot be read here.`);
  const { statements, requested, outbox, uses, ...rest } = stored;
  return {
    ...rest,
    statements: statements.map((statement) => ({ ...statement, fields: load(statement.fields) })),
    requested: { fields: load(requested.fields), duration: requested.duration },
    outbox: outbox.map((one) => ({ ...one, fields: load(one.fields) })),
    uses: uses.map(({ grant, documentHash, variablesHash, at }) => ({ grant, documentHash, variablesHash, at })),
  };
}
