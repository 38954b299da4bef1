import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { afterPrefix, compareKeys, encodeValue, invert } from './keyEncoding.ts';

const { Binary, ObjectId } = mongoose.mongo;

const scalar = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.constantFrom(0, -0, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', '\0', 'a\0', 'a\0b', 'a', 'ab', 'ÿ', '𠮷', '\uffff'),
  fc.boolean(),
  fc.integer({ min: -5, max: 5 }).map((ms) => new Date(ms)),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab', ''), tie('any'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any;

/** MongoDB's order, written down a second time without bytes. */
const ORDER = ['null', 'number', 'string', 'object', 'array', 'Binary', 'ObjectId', 'boolean', 'Date'];
function kind(of: unknown): number {
  const name =
    of === null
      ? 'null'
      : Array.isArray(of)
        ? 'array'
        : typeof of === 'object' && of.constructor !== Object
          ? of.constructor.name
          : typeof of;
  return ORDER.indexOf(name === 'ObjectID' ? 'ObjectId' : name);
}
const natural = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0);

function compare(a: unknown, b: unknown): number {
  if (kind(a) !== kind(b)) return kind(a) - kind(b);
  if (Array.isArray(a) && Array.isArray(b))
    return compareMembers(
      a.map((each) => ['', each]),
      b.map((each) => ['', each]),
    );
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Binary && b instanceof Binary) return a.length() - b.length() || Buffer.compare(a.value(), b.value());
  if (a instanceof ObjectId && b instanceof ObjectId) return natural(a.toHexString(), b.toHexString());
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null)
    return compareMembers(Object.entries(a), Object.entries(b));
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return natural(Number(a), Number(b));
}

function compareMembers(a: [string, unknown][], b: [string, unknown][]): number {
  for (const [at, [name, member]] of a.entries()) {
    const other = b[at];
    if (!other) return 1;
    const order = kind(member) - kind(other[1]) || Buffer.compare(Buffer.from(name), Buffer.from(other[0])) || compare(member, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

describe('the encoding of keys', () => {
  it('orders bytes as MongoDB orders values, and equal values alike', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(Math.sign(compareKeys(encodeValue(a), encodeValue(b)))).toBe(Math.sign(compare(a, b)));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the order when encodings are put one after the other, and turns it round when inverted', () => {
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const joined = compareKeys(
          Buffer.concat([encodeValue(a), invert(encodeValue(b))]),
          Buffer.concat([encodeValue(c), invert(encodeValue(d))]),
        );
        expect(Math.sign(joined)).toBe(Math.sign(compare(a, c) || compare(d, b)));
      }),
    );
  });

  it('knows the least key after all that begin with a prefix', () => {
    expect(afterPrefix(Buffer.from([1, 2]))).toEqual(Buffer.from([1, 3]));
    expect(afterPrefix(Buffer.from([1, 0xff, 0xff]))).toEqual(Buffer.from([2]));
    expect(afterPrefix(Buffer.from([0xff]))).toBeNull();
  });

  it('refuses what has no place in the order', () => {
    expect(() => encodeValue(NaN)).toThrow(expect.objectContaining({ code: 'STORE_UNSUPPORTED', detail: 'NaN' }));
    expect(() => encodeValue(/x/)).toThrow(expect.objectContaining({ detail: 'type RegExp' }));
    expect(() => encodeValue(new mongoose.mongo.Decimal128('1'))).toThrow(expect.objectContaining({ detail: 'type Decimal128' }));
  });
});
