import { Schema, type Connection, type Model } from 'mongoose';

/** What was shown, kept under the hash that a consent names. */
export interface ScreenRecord {
  /** SHA-256 of `model`, base64url. */
  readonly _id: string;
  readonly v: 1;
  readonly consent: string;
  /** Canonical JSON of the screen's model; no personal value is in it. */
  readonly model: string;
  readonly language: 'zh-TW' | 'en';
  /** When it was first shown, milliseconds since the epoch. */
  readonly at: number;
}

export type ScreenRecordModel = Model<ScreenRecord>;

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;

/**
 * Retention: as long as the consent that names it; screens of a consent that named another go with it too.
 * Migration: never; a hash is over the text as it was. A new form of the model is another `v` inside the model.
 */
const screenSchema = new Schema(
  { _id: text, v: number, consent: { ...text, index: true }, model: text, language: text, at: number },
  { versionKey: false, strict: 'throw' },
);

/** The screens on the `hub` connection. */
export function screenRecordModel(connection: Connection): ScreenRecordModel {
  const known = connection.models['Screen'] as ScreenRecordModel | undefined;
  return known ?? (connection.model('Screen', screenSchema, 'screens') as unknown as ScreenRecordModel);
}
