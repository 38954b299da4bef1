import { Schema, type Connection } from 'mongoose';
import type { Clock } from '../domain/clock.ts';
import type { Vault } from './vault.ts';

/** One browser's session of the citizen's own client, at rest. */
interface StoredSession {
  /** Index of the id that the cookie holds: whoever reads the store cannot use it. */
  readonly _id: string;
  readonly v: 1;
  readonly sealed: string;
  readonly keyId: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const text = { type: String, required: true };
const number = { type: Number, required: true };

/** Retention: until `until`, deleted by `sweep`. Migration: none; when `v` changes, citizens sign in anew. */
const sessionSchema = new Schema<StoredSession>(
  { _id: text, v: number, sealed: text, keyId: text, until: { ...number, index: true } },
  { versionKey: false, strict: 'throw' },
);

/** Largest session, in characters: a token and its key take a tenth of it. */
const LARGEST = 16_384;

/** Sessions of the citizen's own client, for every gateway alike. What they hold is the client's. */
export interface CitizenSessions {
  /** Keeps a session until then (milliseconds since the epoch); the random id for the browser's cookie. Throws RangeError when it is too large. */
  begin(session: string, until: number): Promise<string>;
  /** Null: there is none, it is over, or it does not open. */
  read(id: string): Promise<string | null>;
  end(id: string): Promise<void>;
  sweep(now: number): Promise<void>;
}

/** The sessions on the `hub` connection: found by a keyed index of their id, sealed. */
export async function openCitizenSessions(
  connection: Connection,
  { vault, now, randomBytes }: { readonly vault: Vault; readonly now: Clock; readonly randomBytes: (size: number) => Buffer },
): Promise<CitizenSessions> {
  const Sessions = connection.model<StoredSession>('CitizenSession', sessionSchema, 'citizen_sessions');
  await Sessions.init();
  const key = (id: string): string => vault.index('citizen-session', id);
  return {
    async begin(session, until) {
      if (session.length > LARGEST) throw new RangeError('A session is too large.');
      const id = randomBytes(32).toString('base64url');
      await Sessions.insertMany([{ _id: key(id), v: 1, ...vault.seal(key(id), session), until }]);
      return id;
    },
    async read(id) {
      const stored = await Sessions.findOne({ _id: key(id), until: { $gt: now() } })
        .read('primary')
        .lean<StoredSession | null>();
      if (stored === null) return null;
      try {
        return vault.open(stored._id, stored);
      } catch {
        return null;
      }
    },
    async end(id) {
      await Sessions.deleteOne({ _id: key(id) });
    },
    async sweep(time) {
      await Sessions.deleteMany({ until: { $lte: time } });
    },
  };
}
