import { HubError } from '../../schema/errors.ts';
import type { Clock } from '../domain/clock.ts';
import { follow, nextBatch, type Batch, type Draft, type ShardHead, type Tail } from './batch.ts';

/** Most entries of one batch: a reader takes a batch whole. */
const LARGEST_BATCH = 256;
/** Most bytes of one batch's bodies (a MongoDB document ends at 16 MiB). */
const LARGEST_BYTES = 4 * 1024 * 1024;
/** Largest body of one entry: paths and ids, a few kB. A larger one could never be written and would block the log. */
const LARGEST_ENTRY = 256 * 1024;
/** Longest wait between two tries of a store that fails, in milliseconds. */
const LONGEST_PAUSE = 1000;

export interface GroupCommitOptions {
  readonly shard: string;
  /** Where the shard ends now. */
  readonly tail: Tail;
  /** Writes a batch; resolves when it is durable. A rejection means: perhaps written. */
  readonly insert: (batch: Batch) => Promise<void>;
  /** The shard's last batch in the store, null when it has none. */
  readonly readLast: () => Promise<Batch | null>;
  readonly now: Clock;
  readonly randomBytes: (length: number) => Uint8Array;
  /** After each durable batch: where the shard ends now. */
  readonly committed: (end: ShardHead) => void;
  /** For the operator; says nothing of a person. */
  readonly alarm: (sentence: string, cause?: unknown) => void;
  /** Most entries that wait. */
  readonly capacity: number;
  /** Longest wait for one write, in milliseconds; after it the result counts as unknown. */
  readonly patience: number;
}

export interface GroupCommit {
  /** Resolves when the entry is durable; rejects with AUDIT_UNAVAILABLE when that is not known. */
  append(draft: Draft): Promise<void>;
  /** Written with the next batch, not awaited. Kept through a failed write; dropped (with an alarm) when the queue is full. */
  note(draft: Draft): void;
  /** Resolves when nothing waits; rejects with AUDIT_UNAVAILABLE when the log cannot write. */
  drained(): Promise<void>;
  /** Takes no more entries; what waits is still written, or rejected when the log cannot write. */
  close(): Promise<void>;
}

interface Waiting extends Draft {
  readonly resolve?: () => void;
  readonly reject?: (error: HubError) => void;
}

/**
 * OPEN: writes. UNSURE: a write's result is unknown; nothing is answered until the tail has been read again.
 * BROKEN: somebody else wrote to this shard; for good. CLOSED: ended.
 */
type State = 'OPEN' | 'UNSURE' | 'BROKEN' | 'CLOSED';

/**
 * One writer per shard. Entries that arrive while a write is under way share the next one: no wait when idle, batches under load.
 * All entries of a batch become durable together or not at all (docs/audit.md, "Writing").
 */
export function openGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { shard, insert, readLast, now, randomBytes, committed, alarm, capacity, patience } = options;
  let { tail } = options;
  let state = 'OPEN' as State;
  let queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  let drains: { resolve: () => void; reject: (error: HubError) => void }[] = [];
  let failures = 0;
  let wake = (): void => undefined;

  const unavailable = (cause?: unknown): HubError => new HubError('AUDIT_UNAVAILABLE', undefined, { cause });

  function start(): void {
    running ??= Promise.resolve()
      .then(writeAll)
      .catch((cause: unknown) => breakOff('The audit log stopped on a fault of its own.', cause))
      .finally(() => {
        running = null;
        if (queue.length > 0 && state !== 'BROKEN') return start();
        for (const { resolve } of drains) resolve();
        drains = [];
      });
  }

  async function writeAll(): Promise<void> {
    while (queue.length > 0 && state !== 'BROKEN') {
      const group = take();
      const made = nextBatch(shard, tail, group, randomBytes(16 * group.length), now());
      try {
        await within(patience, insert(made.batch));
      } catch (cause) {
        await recover(group, made.batch, cause);
        continue;
      }
      tail = made.tail;
      failures = 0;
      for (const { resolve } of group) resolve?.();
      committed({ seq: made.batch.seq, ...made.batch.head });
    }
  }

  function take(): Waiting[] {
    let [count, bytes] = [0, 0];
    while (count < queue.length && count < LARGEST_BATCH) {
      bytes += queue[count]?.body.length ?? 0;
      if (count > 0 && bytes > LARGEST_BYTES) break;
      count += 1;
    }
    return queue.splice(0, count);
  }

  /** Nobody is told that an entry is durable who cannot be sure; notes are kept, and written again unless they did land. */
  async function recover(group: readonly Waiting[], written: Batch, cause: unknown): Promise<void> {
    const closing = state === 'CLOSED';
    if (!closing) state = 'UNSURE';
    failures += 1;
    alarm('An audit write failed, or its result is unknown; the log reads its tail again before it answers.', cause);
    const notes = group.filter(({ reject }) => reject === undefined);
    rejectWaiting(group, cause);
    rejectWaiting(queue, cause);
    queue = queue.filter(({ reject }) => reject === undefined);
    if (closing) return breakOff('The audit log could not write its last entries while it closed.', cause);
    for (let tries = failures - 1; ; tries += 1) {
      if (tries > 0) await pause(Math.min(10 * 2 ** tries, LONGEST_PAUSE));
      let last: Batch | null;
      try {
        last = await within(patience, readLast());
      } catch (again) {
        if (state === 'CLOSED') return breakOff('The audit log was closed while the store did not answer.', again);
        continue;
      }
      if ((last?.head.hash ?? null) !== tail.hash) {
        const next = last && follow(tail, last);
        if (!last || !next)
          return breakOff(`Shard ${shard} does not end where this process left it. The log stays closed until the next start.`, cause);
        tail = next;
        committed({ seq: last.seq, ...last.head });
      }
      if (last?.head.hash !== written.head.hash) queue = [...notes, ...queue];
      if (state === 'UNSURE') state = 'OPEN';
      return;
    }
  }

  function rejectWaiting(waiting: readonly { readonly reject?: (error: HubError) => void }[], cause: unknown): void {
    for (const { reject } of waiting) reject?.(unavailable(cause));
    for (const { reject } of drains.splice(0)) reject(unavailable(cause));
  }

  function breakOff(sentence: string, cause: unknown): void {
    state = 'BROKEN';
    alarm(sentence, cause);
    rejectWaiting(queue, cause);
    queue = [];
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    append(draft) {
      if (draft.body.length > LARGEST_ENTRY) return Promise.reject(new HubError('AUDIT_UNAVAILABLE', 'The entry is too large.'));
      if (state !== 'OPEN' || queue.length >= capacity) return Promise.reject(unavailable());
      return new Promise((resolve, reject) => {
        queue.push({ ...draft, resolve, reject });
        start();
      });
    },
    note(draft) {
      if (state === 'BROKEN' || state === 'CLOSED') return alarm('An audit note came after the log had ended; it is lost.');
      if (queue.length >= 2 * capacity || draft.body.length > LARGEST_ENTRY) {
        return alarm('The audit queue is full, or a note too large; it is lost. A disclosure without an outcome counts as disclosed.');
      }
      queue.push(draft);
      start();
    },
    drained() {
      if (state === 'UNSURE' || state === 'BROKEN') return Promise.reject(unavailable());
      if (running === null) return Promise.resolve();
      return new Promise((resolve, reject) => drains.push({ resolve, reject }));
    },
    async close() {
      if (state !== 'BROKEN') state = 'CLOSED';
      wake();
      while (running !== null) await running;
    },
  };
}

/** Rejects when `work` takes longer than `milliseconds`; the work itself goes on. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${milliseconds} ms.`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
