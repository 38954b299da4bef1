import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fieldSet } from './fieldSet.ts';
import { readWarrantClaims, warrantPlaintext, type WarrantClaims } from './warrant.ts';
import { plaintextOf, warrantWriter, type CallClaims, type CommonClaims } from './warrantWriter.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const common: fc.Arbitrary<CommonClaims> = fc.record({
  iss: text,
  iat: fc.nat(),
  exp: fc.nat(),
  sub: text,
  act: fc.option(text, { nil: undefined }),
  nid: fc.record({ kind: fc.constantFrom('NATIONAL_ID', 'UI_NUMBER', 'BUSINESS_NUMBER'), value: text }),
  cid: text,
  cv: fc.nat(),
  svc: text,
  pur: text,
});
const sets = fc.array(fc.tuple(text, fc.array(text, { maxLength: 3 })), { maxLength: 3 });
// A dataset has a dot in its id: never an index, which JavaScript would put first.
const fields = sets.map((entries) => fieldSet(entries.map(([dataset, paths]) => [`d.${dataset}`, paths] as const)));
const call: fc.Arbitrary<CallClaims> = fc.record({
  aud: text,
  jti: text,
  op: text,
  args: fc.option(text, { nil: undefined }),
  fld: fields,
});

describe('a warrant that is written', () => {
  it('has the plaintext of its claims, whatever they are, and no member more', () => {
    fc.assert(
      fc.property(common, fc.array(call, { minLength: 1, maxLength: 3 }), (alike, calls) => {
        const write = warrantWriter(alike);
        for (const alone of calls) {
          const claims = write(alone);
          expect(plaintextOf(claims)).toBe(warrantPlaintext({ ...claims }));
          expect(JSON.parse(plaintextOf(claims))).toEqual(JSON.parse(JSON.stringify({ ...alike, ...alone })));
          expect(Object.values(claims)).not.toContain(undefined);
        }
      }),
    );
  });

  it('cannot be changed under its text, and what is made of it has a text of its own', () => {
    const claims: WarrantClaims = warrantWriter({
      iss: 'gateway',
      iat: 1,
      exp: 61,
      sub: 'alice',
      nid: { kind: 'NATIONAL_ID', value: 'A1' },
      cid: 'c',
      cv: 1,
      svc: 's',
      pur: 'p',
    })({ aud: 'moi', jti: 'A'.repeat(22), op: 'o', fld: fieldSet([['moi.d', ['x']]]) });
    expect(readWarrantClaims(claims)).toBe(claims);
    expect(() => Object.assign(claims, { aud: 'moe' })).toThrow(TypeError);
    expect(plaintextOf({ ...claims, aud: 'moe' })).toContain('"aud":"moe"');
    expect(
      plaintextOf(Object.setPrototypeOf({ ...claims, aud: 'moe' }, Object.getPrototypeOf(claims) as object) as WarrantClaims),
    ).toContain('moe');
  });
});
