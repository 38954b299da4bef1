import mongoose from 'mongoose';
import type { Doc } from './value.ts';
import { checkTypes, copyIfPlain, fromBson, toBson } from './value.ts';

const { MongoServerError } = mongoose.mongo;

/** MongoDB's bound on one document, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A document as it will be stored: decoded, and the same as BSON. */
export interface Sealed {
  readonly doc: Doc;
  readonly bytes: Uint8Array;
}

/** Puts a plain document into its stored form. Throws MongoServerError 53 for an `_id` that cannot be one, 10334 when it is too large. */
export function seal(doc: Doc): Sealed {
  if (Array.isArray(doc['_id']) || doc['_id'] === undefined)
    throw new MongoServerError({ message: "The '_id' value is missing or an array", code: 53 });
  const bytes = toBson(doc);
  if (bytes.length > MAX_BYTES) throw new MongoServerError({ message: `Document exceeds ${MAX_BYTES} bytes`, code: 10334 });
  return { doc, bytes };
}

/** A document as it came from mongoose: made plain, its types checked, `_id` first. Nothing that its owner does to it later changes this one. */
export function received(document: Doc): Sealed {
  let doc = copyIfPlain(document);
  if (doc === undefined) {
    doc = fromBson(toBson(document));
    checkTypes(doc);
  }
  const { _id, ...rest } = doc;
  return seal({ _id, ...rest });
}
