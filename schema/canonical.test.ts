import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, sha256 } from './canonical.ts';

describe('canonical JSON', () => {
  it('sorts members by UTF-16 code units, however deep', () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: 'x' }], Z: true, é: 0 })).toBe('{"Z":true,"a":[{"c":"x","d":null}],"b":1,"é":0}');
  });

  it('leaves undefined members out', () => expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}'));

  it('says the same whatever the order of members, and what JSON says', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, shuffled(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keeps the text of a value only while nothing in it can change', () => {
    const inner = { b: 1, a: 2 };
    const shallow = Object.freeze({ inner });
    expect(canonicalJson(shallow)).toBe('{"inner":{"a":2,"b":1}}');
    inner.a = 3;
    expect(canonicalJson(shallow)).toBe('{"inner":{"a":3,"b":1}}');
    Object.freeze(inner);
    for (let time = 0; time < 2; time++) expect(canonicalJson(shallow)).toBe('{"inner":{"a":3,"b":1}}');
    expect(canonicalJson(Object.freeze([]))).toBe('[]');
  });
});

describe('sha256', () => {
  it('is base64url of 43 characters (FIPS 180-4, empty text)', () =>
    expect(sha256('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'));
});
