import type { BinaryValue, Doc, ObjectIdValue } from './value.ts';
import { TYPE, typeRank } from './value.ts';

/*
 * An order-preserving byte encoding of values: comparing two encodings as bytes compares the values in MongoDB's order, and equal bytes are equal values.
 * It is the store's one definition of equality and order: matching, sorting, ranges, indexes and uniqueness all use it.
 * No encoding is a prefix of another, so encodings can be put one after the other to make a compound key, and inverted to make a descending one.
 */

const TERMINATOR = 0x00;
const scratch = Buffer.alloc(8);

/** A growing buffer, reused by all calls; it never leaves this file. */
let bytes = Buffer.allocUnsafe(1024);
let length = 0;

function reserve(more: number): void {
  if (length + more <= bytes.length) return;
  const grown = Buffer.allocUnsafe(Math.max(bytes.length * 2, length + more));
  bytes.copy(grown, 0, 0, length);
  bytes = grown;
}

function putByte(byte: number): void {
  reserve(1);
  bytes[length++] = byte;
}

/** UTF-8, which sorts as MongoDB's simple collation; NUL is escaped, and the end marked lower than any continuation. */
function putText(text: string): void {
  reserve(text.length * 3 + 2);
  const start = length;
  length += bytes.write(text, length, 'utf8');
  if (text.includes('\0')) {
    const escaped = Buffer.from(bytes.toString('latin1', start, length).replaceAll('\0', '\0\xff'), 'latin1');
    length = start;
    putBytes(escaped);
    reserve(2);
  }
  bytes[length++] = TERMINATOR;
  bytes[length++] = TERMINATOR;
}

function putBytes(source: Uint8Array): void {
  reserve(source.length);
  bytes.set(source, length);
  length += source.length;
}

/** IEEE 754, big-endian, the sign bit flipped for positives and all bits for negatives. -0 equals 0. */
function putNumber(value: number): void {
  scratch.writeDoubleBE(value === 0 ? 0 : value);
  if ((scratch[0] ?? 0) & 0x80) for (let i = 0; i < 8; i++) scratch[i] = ~(scratch[i] ?? 0);
  else scratch[0] = (scratch[0] ?? 0) | 0x80;
  putBytes(scratch);
}

function putBinary(value: BinaryValue): void {
  scratch.writeUInt32BE(value.position);
  putBytes(scratch.subarray(0, 4));
  putByte(value.sub_type);
  putBytes(value.value());
}

/** Member by member: type, then name, then value; the shorter document is less. */
function putDoc(doc: Doc): void {
  for (const [name, member] of Object.entries(doc)) {
    putByte(typeRank(member));
    putText(name);
    putValue(member);
  }
  putByte(TERMINATOR);
}

function putValue(value: unknown): void {
  const rank = typeRank(value);
  putByte(rank);
  if (rank === TYPE.STRING) putText(value as string);
  else if (rank === TYPE.NUMBER) putNumber(value as number);
  else if (rank === TYPE.DATE) putNumber((value as Date).getTime());
  else if (rank === TYPE.BOOLEAN) putByte(value === true ? 1 : 0);
  else if (rank === TYPE.OBJECT_ID) putBytes((value as ObjectIdValue).id);
  else if (rank === TYPE.BINARY) putBinary(value as BinaryValue);
  else if (rank === TYPE.OBJECT) putDoc(value as Doc);
  else if (rank === TYPE.ARRAY) {
    for (const element of value as unknown[]) putValue(element);
    putByte(TERMINATOR);
  }
}

/** The encoding of one value. */
export function encodeValue(value: unknown): Buffer {
  length = 0;
  putValue(value);
  return Buffer.from(bytes.subarray(0, length));
}

/** Negative, zero or positive, as the values compare. */
export const compareKeys = (a: Buffer, b: Buffer): number => Buffer.compare(a, b);

/** What an empty array sorts and is indexed as: below null. */
export const UNDEFINED_KEY = Buffer.from([TYPE.UNDEFINED]);

/** The encoding that sorts the other way round. */
export function invert(key: Buffer): Buffer {
  const inverted = Buffer.allocUnsafe(key.length);
  for (let i = 0; i < key.length; i++) inverted[i] = ~(key[i] ?? 0);
  return inverted;
}

/** The least byte string greater than every string that begins with `prefix`; null when there is none. */
export function afterPrefix(prefix: Buffer): Buffer | null {
  for (let end = prefix.length - 1; end >= 0; end--) {
    const last = prefix[end] ?? 0;
    if (last === 0xff) continue;
    const after = Buffer.from(prefix.subarray(0, end + 1));
    after[end] = last + 1;
    return after;
  }
  return null;
}
