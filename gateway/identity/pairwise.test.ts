import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pairwiseSub, subjectOf } from './pairwise.ts';

const key = Buffer.alloc(32, 7);
const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const client = fc.string({ minLength: 1, maxLength: 40 });

describe('a pairwise sub', () => {
  it('leads back to its subject, for its own client', () => {
    fc.assert(fc.property(id, client, (subject, name) => subjectOf(pairwiseSub(subject, name, key), name, key) === subject));
  });

  it('is the same each time', () => {
    fc.assert(fc.property(id, client, (subject, name) => pairwiseSub(subject, name, key) === pairwiseSub(subject, name, Buffer.from(key))));
  });

  it('differs between clients, between subjects and between keys', () => {
    fc.assert(
      fc.property(id, id, client, client, (a, b, one, other) => {
        if (one !== other) expect(pairwiseSub(a, one, key)).not.toBe(pairwiseSub(a, other, key));
        if (a !== b) expect(pairwiseSub(a, one, key)).not.toBe(pairwiseSub(b, one, key));
        expect(pairwiseSub(a, one, key)).not.toBe(pairwiseSub(a, one, Buffer.alloc(32, 8)));
      }),
    );
  });

  it('is not the subject id', () => {
    fc.assert(fc.property(id, client, (subject, name) => pairwiseSub(subject, name, key) !== subject));
  });

  it('is refused in any other form, a second spelling of the same bytes included', () => {
    expect(subjectOf('', 'a', key)).toBeNull();
    expect(subjectOf('A'.repeat(21), 'a', key)).toBeNull();
    expect(subjectOf(`${'A'.repeat(21)}B`, 'a', key)).toBeNull();
    expect(subjectOf(`${'A'.repeat(22)}==`, 'a', key)).toBeNull();
    expect(() => pairwiseSub('persona.heir', 'a', key)).toThrow(RangeError);
  });
});
