import mongoose from 'mongoose';
import type { Index } from './indexes.ts';
import { native } from './native.ts';
import type { Doc } from './value.ts';

/** The native error, with the constructor that its declarations hide. */
const MongoBulkWriteError = mongoose.mongo.MongoBulkWriteError as unknown as new (
  error: Doc,
  result: mongoose.mongo.BulkWriteResult,
) => Error;

/** MongoDB's duplicate key error (code 11000), without the key's value, which may be personal. */
export function duplicateError(namespace: string, { name, fields }: Index): mongoose.mongo.MongoServerError {
  const message = `E11000 duplicate key error collection: ${namespace} index: ${name}`;
  const keyPattern = Object.fromEntries(fields.map(({ path, descending }) => [path, descending ? -1 : 1]));
  return new mongoose.mongo.MongoServerError({ message, code: 11000, index: 0, keyPattern });
}

/** What `insertMany` did: `errors` are those of the documents at `index`. Throws the native bulk error when there is one. */
export function insertManyResult(
  ids: readonly unknown[],
  errors: readonly { index: number; error: mongoose.mongo.MongoServerError }[],
  ordered: boolean,
): Doc {
  const insertedIds = ids.map((_id, index) => ({ index, _id }));
  const first = errors[0];
  if (!first) return { acknowledged: true, insertedCount: ids.length, insertedIds: Object.fromEntries(ids.entries()) };
  const writeErrors = errors.map(({ index, error: { code, message } }) => ({
    index,
    code,
    errmsg: message,
    err: { index, code, errmsg: message },
  }));
  const counts = { nInserted: ordered ? first.index : ids.length - errors.length, nMatched: 0, nModified: 0, nRemoved: 0, nUpserted: 0 };
  const result = new native.BulkWriteResult({ ok: 1, ...counts, upserted: [], insertedIds, writeErrors, writeConcernErrors: [] }, ordered);
  throw new MongoBulkWriteError({ message: first.error.message, code: first.error.code, writeErrors }, result);
}
