import { Schema, type Connection } from 'mongoose';
import type { Clock } from '../domain/clock.ts';
import { isDuplicate } from './replayCache.ts';

/** How often something may be tried. Times in ms. */
export interface AttemptPolicy {
  /** Tries within `window` before the lock. */
  readonly limit: number;
  readonly window: number;
  /** The first lock; each further try that fails doubles it, up to `longest`. */
  readonly lock: number;
  readonly longest: number;
}

/** What is known of one key's tries. Times in ms since the epoch. */
export interface Attempts {
  readonly count: number;
  /** How often it was locked. */
  readonly rounds: number;
  readonly since: number;
  readonly last: number;
  readonly lockedUntil: number;
}

/** A key without tries for a day begins anew. */
const FORGET = 86_400_000;

/**
 * One more try, counted before its outcome is known: of many at once no more than the limit go through. The try that reaches the limit sets the
 * lock at once; after each lock there is one try, and a longer lock. Null: locked.
 */
export function nextAttempt(before: Attempts | null, policy: AttemptPolicy, now: number): Attempts | null {
  if (before === null || now - before.last > FORGET) return locking({ count: 1, rounds: 0, since: now, last: now, lockedUntil: 0 }, policy);
  if (now < before.lockedUntil) return null;
  const stale = before.count < policy.limit && now - before.since > policy.window;
  return locking({ ...before, count: stale ? 1 : before.count + 1, since: stale ? now : before.since, last: now }, policy);
}

function locking(attempts: Attempts, { limit, lock, longest }: AttemptPolicy): Attempts {
  if (attempts.count < limit) return attempts;
  return { ...attempts, rounds: attempts.rounds + 1, lockedUntil: attempts.last + Math.min(lock * 2 ** attempts.rounds, longest) };
}

interface StoredAttempts extends Attempts {
  /** Keyed hash of what is limited. */
  readonly _id: string;
  readonly v: 1;
  readonly seq: number;
}

const number = { type: Number, required: true };

/** Retention: a day after the last try (`sweep`). Migration: none; the counters may be dropped when `v` changes. */
const attemptsSchema = new Schema<StoredAttempts>(
  {
    _id: { type: String, required: true },
    v: number,
    seq: number,
    count: number,
    rounds: number,
    since: number,
    last: { ...number, index: true },
    lockedUntil: number,
  },
  { versionKey: false, strict: 'throw' },
);

export interface LoginAttempts {
  /** Counts one try; false when the key is locked. */
  take(key: string, policy: AttemptPolicy): Promise<boolean>;
  /** After a success: the key begins anew. */
  forgive(key: string): Promise<void>;
  /** After a success of one among many who share the key (an address): this try does not count. */
  giveBack(key: string): Promise<void>;
  sweep(now: number): Promise<void>;
}

/** Conditional updates tried before a contended key counts as locked. */
const TRIES = 8;

/** Counters of tries, in the store, so that neither a restart nor another replica resets them. `key` is a keyed hash, never the value. */
export async function openLoginAttempts(connection: Connection, now: Clock): Promise<LoginAttempts> {
  const Model = connection.model<StoredAttempts>('LoginAttempts', attemptsSchema, 'login_attempts');
  await Model.init();
  // Tries of one key queue within this process; between replicas the conditional update decides.
  const queues = new Map<string, Promise<unknown>>();
  const inTurn = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(key) ?? Promise.resolve()).then(work, work);
    queues.set(key, turn);
    const leave = (): void => void (queues.get(key) === turn && queues.delete(key));
    turn.then(leave, leave);
    return turn;
  };
  const take = async (key: string, policy: AttemptPolicy): Promise<boolean> => {
    for (let turn = 0; turn < TRIES; turn += 1) {
      const before = await Model.findOne({ _id: key }).lean();
      const next = nextAttempt(before, policy, now());
      if (next === null) return false;
      const { count, rounds, since, last, lockedUntil } = next;
      if (before === null) {
        try {
          await Model.insertMany([{ _id: key, v: 1, seq: 1, count, rounds, since, last, lockedUntil }]);
          return true;
        } catch (error) {
          if (!isDuplicate(error)) throw error;
        }
      } else {
        const set = { count, rounds, since, last, lockedUntil, seq: before.seq + 1 };
        if ((await Model.updateOne({ _id: key, seq: before.seq }, { $set: set })).modifiedCount === 1) return true;
      }
    }
    return false;
  };
  return {
    take: (key, policy) => inTurn(key, () => take(key, policy)),
    forgive: (key) => inTurn(key, async () => void (await Model.deleteOne({ _id: key }))),
    giveBack: (key) =>
      inTurn(
        key,
        async () =>
          void (await Model.updateOne({ _id: key, count: { $gt: 0 } }, { $inc: { count: -1, seq: 1 }, $set: { lockedUntil: 0 } })),
      ),
    async sweep(at) {
      await Model.deleteMany({ last: { $lt: at - FORGET } });
    },
  };
}
