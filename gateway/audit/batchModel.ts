import { Schema, type Connection, type Model } from 'mongoose';
import type { Batch, ShardHead } from './batch.ts';
import { OPENED_KEY } from './batch.ts';

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;

const entry = new Schema({ index: number, leaf: text, salt: String, body: String }, { _id: false, strict: 'throw' });
const head = new Schema({ size: number, root: text, hash: text }, { _id: false, strict: 'throw' });

/**
 * Retention: a batch stays for good, as its leaves are what later heads were signed over; the bodies in it are erased when their time is over
 * (eraseBodies.ts). Migration: a batch is never rewritten; a new form gets a new `v` beside the old one.
 */
const batchSchema = new Schema(
  { _id: text, v: number, shard: text, seq: number, at: number, prevHash: String, keys: [String], entries: [entry], head },
  { versionKey: false, strict: 'throw', minimize: false },
);
batchSchema.index({ shard: 1, seq: 1 }, { unique: true });
batchSchema.index({ keys: 1, _id: -1 });

export type BatchModel = Model<Batch>;

/** The one collection of the audit database. */
export function batchModel(connection: Connection): BatchModel {
  const model = (connection.models['AuditBatch'] as BatchModel | undefined) ?? connection.model('AuditBatch', batchSchema, 'batches');
  return model as BatchModel;
}

/** Writes one batch, durable when resolved (majority and journal on MongoDB). Past mongoose's documents: the batch is ours, whole and frozen. */
export async function insertBatch(model: BatchModel, batch: Batch, patience: number): Promise<void> {
  await model.collection.insertOne(batch as Batch & { _id: never }, { writeConcern: { w: 'majority', j: true, wtimeoutMS: patience } });
}

/** Last batch of one shard, as the majority has it. */
export async function lastBatch(model: BatchModel, shard: string): Promise<Batch | null> {
  return model.findOne({ shard }).sort({ seq: -1 }).read('primary').readConcern('majority').lean<Batch | null>();
}

/** Every batch, shard by shard in the order of writing: each shard is a prefix of itself even while the log is being written. */
export async function* allBatches(model: BatchModel, page = 100): AsyncGenerator<Batch> {
  let place: { shard: string; seq: number } = { shard: '', seq: Number.MAX_SAFE_INTEGER };
  for (;;) {
    let batches = await model
      .find({ shard: place.shard, seq: { $gt: place.seq } })
      .sort({ seq: 1 })
      .limit(page)
      .lean<Batch[]>();
    if (batches.length === 0)
      batches = await model
        .find({ shard: { $gt: place.shard } })
        .sort({ shard: 1, seq: 1 })
        .limit(page)
        .lean<Batch[]>();
    const last = batches.at(-1);
    if (last === undefined) return;
    yield* batches;
    place = last;
  }
}

/** Batches of all shards in the order of their times, written from `from` and before `before` (milliseconds since the epoch). */
export async function* batchesWritten(
  model: BatchModel,
  { from = 0, before = NO_END }: { readonly from?: number | undefined; readonly before?: number | undefined },
  page = 100,
): AsyncGenerator<Batch> {
  const end = timeOfId(before);
  let after = timeOfId(from);
  for (;;) {
    const batches = await model
      .find({ _id: { $gt: after, $lt: end } })
      .sort({ _id: 1 })
      .limit(page)
      .lean<Batch[]>();
    yield* batches;
    after = batches.at(-1)?._id ?? end;
    if (batches.length < page) return;
  }
}

/** How the id of a batch begins that was written then: every such id is greater, every earlier one less. */
const timeOfId = (at: number): string => String(at).padStart(15, '0');
const NO_END = 999_999_999_999_999;

/** Where each shard ends. `since` (milliseconds) leaves out shards opened before it. */
export async function shardHeads(model: BatchModel, since = 0): Promise<Map<string, ShardHead & { at: number }>> {
  const heads = new Map<string, ShardHead & { at: number }>();
  const opened = await model
    .find({ keys: OPENED_KEY, _id: { $gte: timeOfId(since) } }, { shard: 1 })
    .sort({ _id: 1 })
    .lean<{ shard: string }[]>();
  for (const { shard } of opened) {
    const head = await shardHead(model, shard);
    if (head !== null) heads.set(shard, head);
  }
  return heads;
}

/** Where one shard ends. */
export async function shardHead(model: BatchModel, shard: string): Promise<(ShardHead & { at: number }) | null> {
  const last = await model
    .findOne({ shard }, { seq: 1, at: 1, head: 1 })
    .sort({ seq: -1 })
    .read('primary')
    .readConcern('majority')
    .lean<Pick<Batch, 'seq' | 'at' | 'head'> | null>();
  return last === null ? null : { seq: last.seq, at: last.at, ...last.head };
}
