import { Schema, type Connection } from 'mongoose';
import type { Vault } from './vault.ts';

/** The mobile number a subject bound with her certificate; only as keyed index and sealed value. */
interface StoredBinding {
  /** `<subject id>.phone`: one number per subject. */
  readonly _id: string;
  readonly v: 1;
  readonly subject: string;
  readonly kind: 'PHONE';
  readonly valueIndex: string;
  readonly valueSealed: string;
  readonly keyId: string;
  /** Milliseconds since the epoch. */
  readonly boundAt: number;
}

const text = { type: String, required: true };
const number = { type: Number, required: true };

/** Retention: until another number is bound, the binding is removed, or the subject is closed. Migration: none yet (`v` 1). */
const bindingSchema = new Schema<StoredBinding>(
  {
    _id: text,
    v: number,
    subject: { ...text, index: true },
    kind: text,
    valueIndex: text,
    valueSealed: text,
    keyId: { ...text, index: true },
    boundAt: number,
  },
  { versionKey: false, strict: 'throw' },
);

export interface PhoneBindings {
  /** Binds the number in place of an earlier one. */
  bind(subject: string, phone: string, now: number): Promise<void>;
  /** Whether exactly this number is bound to the subject. */
  isBound(subject: string, phone: string): Promise<boolean>;
  /** The bound number, for the subject herself; null without one. */
  read(subject: string): Promise<string | null>;
  remove(subject: string): Promise<void>;
  /** Seals every number again that is not under the current key; the number of them. */
  reseal(): Promise<number>;
}

/** Mobile numbers for the one-time password, on the `hub` connection. */
export async function openPhoneBindings(connection: Connection, vault: Vault): Promise<PhoneBindings> {
  const Model = connection.model<StoredBinding>('Binding', bindingSchema, 'bindings');
  await Model.init();
  const idOf = (subject: string): string => `${subject}.phone`;
  const opened = (document: StoredBinding): string => vault.open(document._id, { sealed: document.valueSealed, keyId: document.keyId });
  return {
    async bind(subject, phone, now) {
      const { sealed, keyId } = vault.seal(idOf(subject), phone);
      const set = {
        v: 1,
        subject,
        kind: 'PHONE',
        valueIndex: vault.index('phone', phone),
        valueSealed: sealed,
        keyId,
        boundAt: now,
      } as const;
      await Model.updateOne({ _id: idOf(subject) }, { $set: set }, { upsert: true });
    },
    async isBound(subject, phone) {
      const document = await Model.findOne({ _id: idOf(subject) }, { valueIndex: 1 }).lean();
      return document?.valueIndex === vault.index('phone', phone);
    },
    async read(subject) {
      const document = await Model.findOne({ _id: idOf(subject) }).lean();
      return document === null ? null : opened(document);
    },
    async remove(subject) {
      await Model.deleteOne({ _id: idOf(subject) });
    },
    async reseal() {
      const old = await Model.find({ keyId: { $ne: vault.current } }).lean();
      for (const document of old) {
        const { sealed, keyId } = vault.seal(document._id, opened(document));
        await Model.updateOne(
          { _id: document._id, keyId: document.keyId, valueIndex: document.valueIndex },
          { $set: { valueSealed: sealed, keyId } },
        );
      }
      return old.length;
    },
  };
}
