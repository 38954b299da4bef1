import type { Connection } from 'mongoose';
import type { AuditBody } from '../domain/auditEntry.ts';
import type { Clock, RandomId } from '../domain/clock.ts';
import { keysOf, unionOfKeys, type Batch } from './batch.ts';
import { batchesWritten, batchModel } from './batchModel.ts';

/** Kinds that tell how the log hangs together; they name nobody and stay. */
const STAYS: readonly AuditBody['kind'][] = ['SHARD_OPENED', 'ERASURE'];
/** Most ranges that one ERASURE entry tells of (it has a largest size, groupCommit.ts). */
const MOST_RANGES = 1000;

interface Range {
  readonly shard: string;
  readonly from: number;
  readonly to: number;
}

export interface Erasing {
  readonly connection: Connection;
  /** `AuditLog.append`: the erasure is recorded before it happens. */
  readonly append: (body: AuditBody) => Promise<void>;
  readonly now: Clock;
  readonly randomId: RandomId;
}

/** Which entries: `over` decides on a body, its subject a pseudonym, of a batch written from `from` and before `before` (ms since the epoch). */
export interface Over {
  /** Names the rule, for the record. */
  readonly reason: string;
  readonly over: (body: AuditBody) => boolean;
  readonly from?: number;
  readonly before?: number;
  /** Ends the work early, between two batches; what was not reached stays. */
  readonly signal?: AbortSignal;
}

/**
 * Erases the bodies (and salts) of entries whose time is over; their leaves stay, so that every root and head still holds. Resolves with how
 * many were erased. Throws AUDIT_UNAVAILABLE.
 */
export async function eraseBodies(
  { connection, append, now, randomId }: Erasing,
  { reason, over, from, before, signal }: Over,
): Promise<number> {
  const model = batchModel(connection);
  let group: { batch: Batch; over: ReadonlySet<number> }[] = [];
  let ranges: Range[] = [];
  let erased = 0;

  async function erase(): Promise<void> {
    if (group.length === 0) return;
    await append({ kind: 'ERASURE', request: randomId(), at: now(), subject: null, reason, erased: joined(ranges) });
    for (const { batch, over: indexes } of group) {
      const entries = batch.entries.map((entry) => (indexes.has(entry.index) ? { ...entry, salt: null, body: null } : entry));
      const keys = unionOfKeys(entries.map(({ body }) => (body === null ? [] : keysOf(JSON.parse(body) as AuditBody))));
      await model.updateOne({ _id: batch._id }, { $set: { entries, keys } }, { writeConcern: { w: 'majority', j: true } });
      erased += indexes.size;
    }
    [group, ranges] = [[], []];
  }

  for await (const batch of batchesWritten(model, { from, before })) {
    if (signal?.aborted) break;
    const indexes = new Set<number>();
    for (const { index, body } of batch.entries) {
      const parsed = body === null ? null : (JSON.parse(body) as AuditBody);
      if (parsed !== null && !STAYS.includes(parsed.kind) && over(parsed)) indexes.add(index);
    }
    if (indexes.size === 0) continue;
    group.push({ batch, over: indexes });
    ranges.push(...joined([...indexes].map((index) => ({ shard: batch.shard, from: index, to: index }))));
    if (ranges.length >= MOST_RANGES) await erase();
  }
  await erase();
  return erased;
}

/** Neighbours made one. Several shards are written at a time, so they are put in order first. */
function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of ranges.toSorted((a, b) => (a.shard === b.shard ? a.from - b.from : a.shard < b.shard ? -1 : 1))) {
    const last = result.at(-1);
    if (last?.shard === range.shard && last.to === range.from - 1) result[result.length - 1] = { ...last, to: range.to };
    else result.push(range);
  }
  return result;
}
