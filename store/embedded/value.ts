import mongoose from 'mongoose';
import { unsupported } from './unsupported.ts';

const { BSON, Binary, ObjectId } = mongoose.mongo;

/** A document as decoded from BSON: plain objects, arrays, and the types that {@link typeRank} knows. */
export type Doc = Record<string, unknown>;

/**
 * MongoDB's order of types (docs: "BSON types, comparison order"); the leading byte of each encoded value.
 * 0 is kept as a terminator. An empty array is indexed and sorted as UNDEFINED, as in MongoDB.
 */
export const TYPE = {
  UNDEFINED: 0x08,
  NULL: 0x10,
  NUMBER: 0x20,
  STRING: 0x30,
  OBJECT: 0x40,
  ARRAY: 0x50,
  BINARY: 0x60,
  OBJECT_ID: 0x70,
  BOOLEAN: 0x80,
  DATE: 0x90,
} as const;

export type ObjectIdValue = InstanceType<typeof ObjectId>;
export type BinaryValue = InstanceType<typeof Binary>;

export const isObjectId = (value: unknown): value is ObjectIdValue => value instanceof ObjectId;
export const isBinary = (value: unknown): value is BinaryValue => value instanceof Binary;

/** Whether `value` is an embedded document (not an array, not a BSON type of its own). */
export const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The byte of {@link TYPE} for a decoded value. Throws STORE_UNSUPPORTED for a type the store does not take (Decimal128, regular expressions, code, NaN, …). */
export function typeRank(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return TYPE.STRING;
    case 'number':
      if (Number.isNaN(value)) throw unsupported('NaN');
      return TYPE.NUMBER;
    case 'boolean':
      return TYPE.BOOLEAN;
    case 'undefined':
      return TYPE.NULL;
    case 'object':
      if (value === null) return TYPE.NULL;
      if (Array.isArray(value)) return TYPE.ARRAY;
      if (value instanceof Date) return TYPE.DATE;
      if (isDoc(value)) return TYPE.OBJECT;
      if (isObjectId(value)) return TYPE.OBJECT_ID;
      if (isBinary(value)) return TYPE.BINARY;
      break;
    default:
  }
  throw unsupported(`type ${typeName(value)}`);
}

const typeName = (value: unknown): string =>
  typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : typeof value;

/** Throws STORE_UNSUPPORTED when a value anywhere inside has a type the store does not take. */
export function checkTypes(value: unknown): void {
  const rank = typeRank(value);
  if (rank === TYPE.ARRAY) for (const element of value as unknown[]) checkTypes(element);
  else if (rank === TYPE.OBJECT) for (const member of Object.values(value as Doc)) checkTypes(member);
}

/**
 * A document as BSON. `ignoreUndefined: false` because with bson's own default a filter `{_id: undefined}` becomes `{}` and meets every document;
 * functions become a type that {@link checkTypes} refuses instead of vanishing.
 */
export const toBson = (doc: object): Uint8Array => BSON.serialize(doc, { ignoreUndefined: false, serializeFunctions: true });

/** A document out of BSON. Integers beyond the safe range stay `Long`, which no filter, sort or index takes. */
export const fromBson = (bytes: Uint8Array): Doc => BSON.deserialize(bytes);

/**
 * A copy of a document that is plain already, its texts shared; undefined for any other: it has to go through BSON to be made plain. In a large
 * document that costs as much as all the rest of an insertion.
 */
export function copyIfPlain(doc: object): Doc | undefined {
  if (!isDoc(doc)) return undefined;
  const copy: Doc = {};
  for (const name in doc) {
    const value = copyValue(doc[name]);
    if (value === undefined || name === '__proto__') return undefined;
    copy[name] = value;
  }
  return copy;
}

function copyValue(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (typeof value !== 'object') return undefined;
  if (!Array.isArray(value)) return copyIfPlain(value);
  const copies = value.map(copyValue);
  return copies.includes(undefined) ? undefined : copies;
}

/** What a server would receive: mongoose documents, arrays, maps and foreign ObjectIds made plain; checked for types. */
export function plain(value: object): Doc {
  if (Array.isArray(value)) throw unsupported('pipeline');
  const doc = fromBson(toBson(value));
  checkTypes(doc);
  return doc;
}
