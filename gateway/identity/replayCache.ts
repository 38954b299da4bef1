import { Schema, type Connection } from 'mongoose';
import { HubError } from '../../schema/errors.ts';

/** Remembers what may be used once. */
export interface ReplayCache {
  /** True the first time, false when `key` was taken before. `until`: from when it may be forgotten, ms since the epoch. */
  take(key: string, until: number): Promise<boolean>;
}

/** Keys are kept in slices of about so many to a span: a slice goes as a whole, when the time of its last key is over. */
const SLICES = 8;

export interface MemoryReplayOptions {
  /** The longest time a key is to be kept, ms. */
  readonly span: number;
  readonly now: () => number;
  /** Most keys; each takes about 100 bytes. */
  readonly most?: number;
}

/**
 * A replay cache in the memory of this process, for a hub that is one process: bounded by time and by number. Throws RangeError for an `until`
 * further ahead than `span`, and UNAVAILABLE while it is full: what it cannot remember is not taken.
 * Nothing outlives a restart: who uses it must refuse what was made before the process began (`notBeforeStart`).
 */
export function memoryReplayCache({ span, now, most = 500_000 }: MemoryReplayOptions): ReplayCache {
  const length = Math.ceil(span / SLICES);
  /** By the number of their time. */
  const slices = new Map<number, Set<string>>();
  let count = 0;
  return {
    async take(key, until) {
      const at = now();
      if (until > at + span) throw new RangeError('A memory replay cache keeps a key no longer than its span.');
      for (const [number, keys] of slices) {
        if ((number + 1) * length <= at) {
          slices.delete(number);
          count -= keys.size;
        } else if (keys.has(key)) return false;
      }
      if (count >= most) throw new HubError('UNAVAILABLE', 'Too many proofs at once to be remembered.');
      const number = Math.floor(until / length);
      let slice = slices.get(number);
      if (slice === undefined) slices.set(number, (slice = new Set()));
      slice.add(key);
      count += 1;
      return true;
    },
  };
}

interface StoredReplay {
  readonly _id: string;
  readonly v: 1;
  readonly until: number;
}

/** Retention: until `until`; `sweep` deletes. A change of `v` needs no migration: the entries live for minutes. */
const replaySchema = new Schema<StoredReplay>(
  { _id: { type: String, required: true }, v: { type: Number, required: true }, until: { type: Number, required: true, index: true } },
  { versionKey: false, strict: 'throw' },
);

/** A replay cache in the store, for several replicas: insert-only on the unique key, so that of any number at once exactly one succeeds. */
export async function storeReplayCache(connection: Connection): Promise<ReplayCache & { sweep(now: number): Promise<void> }> {
  const Replay = connection.model<StoredReplay>('ProofReplay', replaySchema, 'proof_replays');
  await Replay.init();
  return {
    async take(key, until) {
      try {
        await Replay.insertMany([{ _id: key, v: 1, until }]);
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    async sweep(now) {
      await Replay.deleteMany({ until: { $lte: now } });
    },
  };
}

/** Whether a write was refused because its unique key exists (MongoDB's code 11000, on both engines). */
export function isDuplicate(error: unknown): boolean {
  return error !== null && typeof error === 'object' && 'code' in error && error.code === 11000;
}
