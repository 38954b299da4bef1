import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readWarrantClaims, warrantDigest, warrantPlaintext, type WarrantClaims } from './warrant.ts';

const read: WarrantClaims = {
  iss: 'mydata-gateway',
  aud: 'mohw',
  iat: 1_577_836_800,
  exp: 1_577_836_860,
  jti: 'AAECAwQFBgcICQoLDA0ODw',
  sub: 'EBESExQVFhcYGRobHB0eHw',
  nid: { kind: 'NATIONAL_ID', value: 'B199999025' },
  cid: 'ICEiIyQlJicoKSorLC0uLw',
  cv: 2,
  svc: 'online.moe.low-income-tuition-waiver',
  pur: 'dpv:PublicBenefit',
  op: 'x'.repeat(43),
  fld: { 'mohw.low-income': ['category'] },
};
const without = (claims: WarrantClaims, ...members: (keyof WarrantClaims)[]) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !members.includes(name as keyof WarrantClaims)));

describe('the plaintext of a warrant', () => {
  it('has its members in the order of the contract, whatever the order they were given in', () => {
    const shuffled = Object.fromEntries(Object.entries(read).reverse()) as unknown as WarrantClaims;
    expect(warrantPlaintext(shuffled)).toBe(warrantPlaintext(read));
    expect(Object.keys(JSON.parse(warrantPlaintext(shuffled)) as object)).toEqual([
      'iss',
      'aud',
      'iat',
      'exp',
      'jti',
      'sub',
      'nid',
      'cid',
      'cv',
      'svc',
      'pur',
      'op',
      'fld',
    ]);
  });

  it('has the digest that the audit log keeps', () => {
    expect(warrantDigest(read)).toBe(createHash('sha256').update(warrantPlaintext(read)).digest('base64url'));
  });
});

describe('claims of the agreed form', () => {
  it('are a read, a check, or the gateway reading the SDL', () => {
    expect(readWarrantClaims(read)).toEqual(read);
    expect(readWarrantClaims({ ...read, act: 'other', args: 'digest' })).not.toBeNull();
    expect(readWarrantClaims({ ...without(read, 'cid', 'cv', 'svc', 'fld'), pur: 'check' })).not.toBeNull();
    expect(readWarrantClaims({ ...without(read, 'cid', 'cv', 'svc', 'fld', 'sub', 'nid'), pur: 'schema' })).not.toBeNull();
  });

  it.each([
    ['null', null],
    ['a list', [read]],
    ['a member that nobody agreed on', { ...read, admin: true }],
    ...(['iss', 'aud', 'iat', 'exp', 'jti', 'sub', 'nid', 'pur', 'op', 'cid', 'cv', 'svc', 'fld'] as const).map(
      (member) => [`no ${member}`, without(read, member)] as const,
    ),
    ['two audiences', { ...read, aud: ['mohw', 'moi'] }],
    ['a time that is no whole number', { ...read, exp: 1.5 }],
    ['a time as text', { ...read, iat: '1577836800' }],
    ['an id of another length', { ...read, jti: 'short' }],
    ['a number of no known kind', { ...read, nid: { kind: 'PASSPORT', value: 'X1' } }],
    ['a number with a member more', { ...read, nid: { kind: 'NATIONAL_ID', value: 'B199999025', name: 'x' } }],
    ['a number that would mean something to a store', { ...read, nid: { kind: 'NATIONAL_ID', value: { $ne: null } } }],
    ['fields that are no set of fields', { ...read, fld: { 'mohw.low-income': 'category' } }],
    ['a negative consent version', { ...read, cv: -1 }],
    ['an overlong text', { ...read, svc: 'x'.repeat(513) }],
    ['a check that names fields', { ...read, pur: 'check' }],
    ['a read of the SDL about somebody', { ...without(read, 'fld', 'cid', 'cv', 'svc'), pur: 'schema' }],
  ])('are not %s', (_name, claims) => {
    expect(readWarrantClaims(claims)).toBeNull();
  });
});
