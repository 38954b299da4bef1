import { Schema, type Connection } from 'mongoose';
import type { Clock, RandomId } from '../domain/clock.ts';
import type { Vault } from './vault.ts';

/** How long a form, its challenge and its code are good, ms. */
export const STEP_LIFETIME = 300_000;

/** One form of one login under way, server side. What a person typed is sealed. */
interface StoredStep {
  /** Opaque; the form carries it. */
  readonly _id: string;
  readonly v: 1;
  readonly method: string;
  readonly interaction: string;
  readonly step: string;
  readonly state: 'OPEN' | 'TAKEN';
  readonly challenge?: string;
  readonly codeHash?: string;
  readonly held?: string;
  readonly keyId?: string;
  readonly tries: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const text = { type: String, required: true };
const number = { type: Number, required: true };

/** Retention: five minutes of use, deleted by `sweep` an hour after. Migration: none; steps under way may be dropped when `v` changes. */
const stepSchema = new Schema<StoredStep>(
  {
    _id: text, v: number, method: text, interaction: text, step: text, state: text,
    challenge: String, codeHash: String, held: String, keyId: String, tries: number, expiresAt: { ...number, index: true },
  }, // prettier-ignore
  { versionKey: false, strict: 'throw' },
);

/** Which form a state must belong to: another interaction's, method's or step's is as good as none. */
export interface StepAddress {
  readonly method: string;
  readonly interaction: string;
  readonly step: string;
}

export interface OpenStep {
  readonly challenge: string | null;
  readonly codeHash: string | null;
  /** What was held for the next form, opened. */
  readonly held: string | null;
  /** Tries so far, this one included. */
  readonly tries: number;
}

export interface ProofSteps {
  /** Opens a step; `id` from {@link ProofSteps.newId} where a hash needs it beforehand. */
  open(
    id: string,
    address: StepAddress,
    content: { readonly challenge?: string; readonly codeHash?: string; readonly held?: string },
  ): Promise<void>;
  newId: RandomId;
  /** Takes the step: of any number at once exactly one gets it. Null when it was taken, has ended or belongs elsewhere. */
  take(id: string, address: StepAddress): Promise<OpenStep | null>;
  /** Counts a try without taking the step; null after `limit` of them, or as for `take`. */
  tryOnce(id: string, address: StepAddress, limit: number): Promise<OpenStep | null>;
  sweep(now: number): Promise<void>;
}

/** Logins under way, on the `hub` connection. */
export async function openProofSteps(connection: Connection, vault: Vault, randomId: RandomId, now: Clock): Promise<ProofSteps> {
  const Model = connection.model<StoredStep>('ProofStep', stepSchema, 'proof_steps');
  await Model.init();
  const opened = (document: StoredStep | null): OpenStep | null =>
    document && {
      challenge: document.challenge ?? null,
      codeHash: document.codeHash ?? null,
      held:
        document.held === undefined || document.keyId === undefined
          ? null
          : vault.open(document._id, { sealed: document.held, keyId: document.keyId }),
      tries: document.tries,
    };
  const filter = (id: string, { method, interaction, step }: StepAddress) => ({
    _id: id,
    method,
    interaction,
    step,
    state: 'OPEN' as const,
    expiresAt: { $gt: now() },
  });
  return {
    newId: randomId,
    async open(id, { method, interaction, step }, { challenge, codeHash, held }) {
      const sealed = held === undefined ? null : vault.seal(id, held);
      await Model.insertMany([
        {
          _id: id, v: 1, method, interaction, step, state: 'OPEN', tries: 0, expiresAt: now() + STEP_LIFETIME,
          ...(challenge !== undefined && { challenge }), ...(codeHash !== undefined && { codeHash }), ...(sealed && { held: sealed.sealed, keyId: sealed.keyId }),
        }, // prettier-ignore
      ]);
    },
    async take(id, address) {
      return opened(await Model.findOneAndUpdate(filter(id, address), { $set: { state: 'TAKEN' } }, { returnDocument: 'after' }).lean());
    },
    async tryOnce(id, address, limit) {
      const open = { ...filter(id, address), tries: { $lt: limit } };
      return opened(await Model.findOneAndUpdate(open, { $inc: { tries: 1 } }, { returnDocument: 'after' }).lean());
    },
    async sweep(at) {
      await Model.deleteMany({ expiresAt: { $lt: at - 3_600_000 } });
    },
  };
}
