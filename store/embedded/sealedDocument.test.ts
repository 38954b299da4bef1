import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { received } from './sealedDocument.ts';
import { copyIfPlain, fromBson, toBson, type Doc } from './value.ts';

const value = fc.anything({
  key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toBSON', '0', '_id')).filter((name) => !name.includes('\0')),
  values: [
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.date({ noInvalidDate: true }),
  ],
  withNullPrototype: true,
});
const documents = fc.dictionary(
  fc.string().filter((name) => !name.includes('\0') && name !== '_id'),
  value,
);

describe('a document as it came', () => {
  it('is stored as BSON would make it plain, whether or not it had to go that way', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const { _id, ...rest } = fromBson(toBson({ ...document, _id: 'x' }));
        const expected = { _id, ...rest };
        const { doc, bytes } = received({ ...document, _id: 'x' });
        expect(Buffer.from(bytes)).toEqual(Buffer.from(toBson(expected)));
        expect(fromBson(toBson(doc))).toEqual(expected);
      }),
    );
  });

  it('is not changed by what its owner does to it later', () => {
    const document = { _id: 'a', list: [{ n: 1 }] };
    const { doc } = received(document);
    document.list[0] = { n: 2 };
    expect(doc).toEqual({ _id: 'a', list: [{ n: 1 }] });
  });

  it('goes through BSON when any part of it is not plain', () => {
    const others: unknown[] = [undefined, NaN, 1n, () => 1, new Map(), new Date(0), Buffer.from('x'), Object.create(null), Symbol('x')];
    for (const other of others)
      for (const doc of [{ a: other }, { a: [other] }, { a: { b: other } }]) expect(copyIfPlain(doc)).toBeUndefined();
    expect(copyIfPlain(Object.defineProperty({}, '__proto__', { value: 1, enumerable: true }))).toBeUndefined();
    const plain: Doc = { a: 'x', b: [1, null, { c: true }] };
    expect(copyIfPlain(plain)).toEqual(plain);
  });
});
