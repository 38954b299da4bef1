import { Schema, type Connection } from 'mongoose';
import { sha256 } from '../../schema/canonical.ts';
import type { ErrorCode } from '../../schema/errors.ts';
import type { RandomId } from '../domain/clock.ts';
import { isDuplicate } from './adapter.ts';

/** What a citizen in one interaction has before her. No entry she typed, no token, no national ID. */
export interface OpenPage {
  /** SHA-256 of the interaction's id. */
  readonly _id: string;
  readonly v: 1;
  /** Good for one form sent; the next page has another. */
  readonly token: string;
  readonly view: 'START' | 'METHODS' | 'STEP';
  /** With STEP: the method, its own state, and the form as JSON. */
  readonly method: string | null;
  readonly state: string | null;
  readonly step: string | null;
  /** What came of the last form. */
  readonly notice: ErrorCode | null;
  /** The consent requested in this interaction. */
  readonly consent: string | null;
  /** Her answer is being taken. Should it be lost on the way, what became of it is looked up in the consent room. */
  readonly answering: boolean;
  /** What was ticked when a form came back, as JSON. */
  readonly ticks: string | null;
  /** Her final answer: the interaction is over. */
  readonly answered: 'AGREED' | 'DECLINED' | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export type PageChange = Partial<Omit<OpenPage, '_id' | 'v' | 'token' | 'expiresAt'>>;

const text = { type: String, required: true };
const number = { type: Number, required: true };
const maybe = { type: String, default: null };

/** Retention: a day after the interaction ended (`sweep`), so that a page left open is told what became of it. Migration: none. */
const pageSchema = new Schema<OpenPage>(
  {
    _id: text, v: number, token: text, view: text, method: maybe, state: maybe, step: maybe, notice: maybe,
    consent: maybe, answering: { type: Boolean, required: true }, ticks: maybe, answered: maybe, expiresAt: { ...number, index: true },
  }, // prettier-ignore
  { versionKey: false, strict: 'throw' },
);

const BLANK = {
  method: null,
  state: null,
  step: null,
  notice: null,
  consent: null,
  answering: false,
  ticks: null,
  answered: null,
} as const;

export interface OpenPages {
  /** The page of an interaction, made at the first look. `expiresAt` in ms since the epoch. */
  open(interaction: string, expiresAt: number): Promise<OpenPage>;
  read(interaction: string): Promise<OpenPage | null>;
  /** Takes a form that was sent: of any number with one token exactly one is taken. Null: sent before, or from another page. */
  take(interaction: string, token: string, change?: PageChange): Promise<OpenPage | null>;
  change(interaction: string, change: PageChange): Promise<void>;
  /** Notes the consent of an interaction unless it has one; the one it has. */
  adopt(interaction: string, consent: string): Promise<string>;
  sweep(now: number): Promise<void>;
}

/** Pages of interactions under way, on the `hub` connection. */
export async function openPages(connection: Connection, randomId: RandomId): Promise<OpenPages> {
  const Model = connection.model<OpenPage>('OpenPage', pageSchema, 'oidc_pages');
  await Model.init();
  const key = (interaction: string): string => sha256(`page\0${interaction}`);
  const read = (interaction: string): Promise<OpenPage | null> => Model.findOne({ _id: key(interaction) }).lean();
  const present = async (interaction: string): Promise<OpenPage> => {
    const page = await read(interaction);
    if (page === null) throw new Error('A page that was open is gone.');
    return page;
  };
  return {
    async open(interaction, expiresAt) {
      const page = await read(interaction);
      if (page !== null) return page;
      try {
        await Model.insertMany([{ _id: key(interaction), v: 1, token: randomId(), view: 'START', ...BLANK, expiresAt }]);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      return present(interaction);
    },
    read,
    take: (interaction, token, change = {}) =>
      Model.findOneAndUpdate(
        { _id: key(interaction), token },
        { $set: { ...change, token: randomId() } },
        { returnDocument: 'after' },
      ).lean(),
    async change(interaction, change) {
      await Model.updateOne({ _id: key(interaction) }, { $set: change });
    },
    async adopt(interaction, consent) {
      await Model.updateOne({ _id: key(interaction), consent: null }, { $set: { consent } });
      return (await present(interaction)).consent ?? consent;
    },
    async sweep(now) {
      await Model.deleteMany({ expiresAt: { $lt: now - 86_400_000 } });
    },
  };
}
