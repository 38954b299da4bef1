import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compactDecrypt, CompactEncrypt } from 'jose';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { warrantKeyNamed } from '../test/fixtures/warrantKeys.ts';
import { HubError } from './errors.ts';
import { warrantPlaintext, warrantDigest, type WarrantClaims } from './warrant.ts';
import { privateHalf, publicHalf, sharedSecret, warrantHeader, warrantKey, type WarrantPrivateKey } from './warrantKey.ts';
import { createWarrantOpener, type OpenedWarrant } from './warrantOpener.ts';
import { createWarrantSealer } from './warrantSealer.ts';

interface Vectors {
  gateway: WarrantPrivateKey;
  agency: WarrantPrivateKey;
  epoch: string;
  sharedSecret: string;
  hkdfInfo: string;
  key: string;
  header: string;
  opens: { name: string; iv: string; claims: WarrantClaims; plaintext: string; digest: string; token: string }[];
  refused: { name: string; code: string; token: string | null }[];
}
const vectors = JSON.parse(readFileSync(new URL('./warrant.vectors.json', import.meta.url), 'utf8')) as Vectors;
const { gateway, agency } = vectors;
const NOW = Date.UTC(2020, 0, 1);
const now = () => NOW;
const key = Buffer.from(vectors.key, 'hex');
const [first] = vectors.opens;
if (first === undefined) throw new Error('no vector');
const claims = first.claims;

const opener = (more = {}) => createWarrantOpener({ agency: 'mohw', own: [agency], gateways: [gateway], now, ...more });
const sealer = (more = {}) => createWarrantSealer({ own: gateway, agencies: { mohw: agency }, now, randomBytes, ...more });
const code = (opened: OpenedWarrant) => ('refused' in opened ? opened.refused : 'OPENED');
const jose = (token: string) => compactDecrypt(token, key, { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] });

describe('the test vectors of docs/warrant.md', () => {
  it('give the shared secret, the key and the header', () => {
    const secret = sharedSecret(privateHalf(gateway), publicHalf(agency));
    const names = {
      issuer: 'mydata-gateway',
      audience: 'mohw',
      gatewayKid: gateway.kid,
      agencyKid: agency.kid,
      epoch: Buffer.from(vectors.epoch, 'hex'),
    };
    expect(secret.toString('hex')).toBe(vectors.sharedSecret);
    expect(sharedSecret(privateHalf(agency), publicHalf(gateway)).toString('hex')).toBe(vectors.sharedSecret);
    expect(warrantKey(secret, names).toString('hex')).toBe(vectors.key);
    expect(warrantHeader(gateway.kid, agency.kid, names.epoch.toString('base64url'))).toBe(vectors.header);
    expect(vectors.hkdfInfo.replaceAll('\\0', '\0')).toBe(
      ['mydata-warrant-v1', 'mydata-gateway', 'mohw', gateway.kid, agency.kid].join('\0'),
    );
  });

  it.each(vectors.opens)('seal and open $name', async ({ claims: sealed, iv, plaintext, digest, token }) => {
    const bytes = (size: number) => (size === 16 ? Buffer.from(vectors.epoch, 'hex') : Buffer.alloc(size, iv, 'hex'));
    expect(sealer({ randomBytes: bytes })(sealed)).toBe(token);
    expect(warrantPlaintext(sealed)).toBe(plaintext);
    expect(warrantDigest(sealed)).toBe(digest);
    expect(opener()(token)).toEqual({ claims: sealed });
    expect(Buffer.from((await jose(token)).plaintext).toString()).toBe(plaintext);
  });

  it.each(vectors.refused)('refuse $name', ({ code: expected, token }) => {
    expect(code(opener()(token ?? 'x'.repeat(8193)))).toBe(expected);
  });
});

describe('sealing and opening beside jose', () => {
  it('jose opens what we seal', async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealer({ randomBytes: (size: number) => Buffer.alloc(size, size) })(claims),
      keyOf(Buffer.alloc(16, 16)),
    );
    expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual(claims);
    expect(protectedHeader).toMatchObject({ alg: 'dir', enc: 'A256GCM', typ: 'warrant+jwt' });
  });

  it('we open what jose seals, and refuse its seal of another header', async () => {
    const header = JSON.parse(vectors.header) as { alg: string; enc: string };
    const encrypted = await new CompactEncrypt(Buffer.from(warrantPlaintext(claims))).setProtectedHeader(header).encrypt(key);
    expect(opener()(encrypted)).toEqual({ claims });
    for (const more of [{ cty: 'JWT' }, { typ: 'JWT' }, { apu: 'AAAA' }]) {
      const other = await new CompactEncrypt(Buffer.from(warrantPlaintext(claims))).setProtectedHeader({ ...header, ...more }).encrypt(key);
      expect(code(opener()(other))).toBe('WARRANT_HEADER');
    }
  });

  it('gives the same verdict on mutated tokens; only another spelling of the same bytes is refused by us alone', async () => {
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ '];
    const mutation = fc.record({
      at: fc.nat(first.token.length),
      cut: fc.nat(3),
      put: fc.array(fc.constantFrom(...alphabet), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 2 }), async (mutations) => {
        const token = mutations.reduce((text, { at, cut, put }) => text.slice(0, at) + put.join('') + text.slice(at + cut), first.token);
        const ours = opener()(token);
        const theirs = await jose(token).then(
          ({ plaintext }) => JSON.parse(Buffer.from(plaintext).toString()) as unknown,
          () => null,
        );
        if ('claims' in ours) expect(theirs).toEqual(ours.claims);
        else if (theirs !== null) expect(respelled(token)).toBe(first.token);
      }),
      { numRuns: 500 },
    );
  });

  it('never gives two seals one IV', () => {
    const seal = sealer();
    const ivs = Array.from({ length: 1000 }, () => seal(claims).split('.')[2]);
    expect(new Set(ivs).size).toBe(1000);
  });

  it('truncated at any place it opens for neither', async () => {
    for (let length = 0; length < first.token.length; length += 1) {
      const token = first.token.slice(0, length);
      expect(code(opener()(token))).not.toBe('OPENED');
      await expect(jose(token)).rejects.toThrow();
    }
  });

  it('foreign keys open for neither', async () => {
    const foreign = sealer({
      own: { ...warrantKeyNamed('somebody'), kid: gateway.kid },
      randomBytes: (size: number) => Buffer.alloc(size, 1),
    })(claims);
    expect(code(opener()(foreign))).toBe('WARRANT_SEAL');
    await expect(compactDecrypt(foreign, keyOf(Buffer.alloc(16, 1)))).rejects.toThrow();
  });
});

/** The key of the vectors' pair under another epoch. */
function keyOf(epoch: Buffer): Buffer {
  const names = { issuer: 'mydata-gateway', audience: 'mohw', gatewayKid: gateway.kid, agencyKid: agency.kid, epoch };
  return warrantKey(Buffer.from(vectors.sharedSecret, 'hex'), names);
}

function respelled(token: string): string {
  return token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('base64url'))
    .join('.');
}

describe('the key', () => {
  it('is bound to the agency: one that holds the same key material does not open another agency’s warrant', () => {
    expect(code(opener({ agency: 'moi' })(sealer()(claims)))).toBe('WARRANT_SEAL');
  });

  it('is bound to the issuer', () => {
    expect(code(opener({ issuer: 'another-gateway' })(sealer()(claims)))).toBe('WARRANT_SEAL');
  });

  it('is another in each process and each hour', () => {
    let at = NOW;
    const seal = sealer({ now: () => at });
    const epochOf = (token: string) => Buffer.from(token.split('.')[0] ?? '', 'base64url').toString();
    const epochs = [epochOf(seal(claims)), epochOf(seal(claims))];
    at += 3_599_999;
    epochs.push(epochOf(seal(claims)));
    at += 1;
    epochs.push(epochOf(seal(claims)), epochOf(sealer()(claims)));
    expect(new Set(epochs).size).toBe(3);
    expect(epochs[2]).toBe(epochs[0]);
  });

  it('overlaps with its successor on both sides while it rotates', () => {
    const [newGateway, newAgency] = [warrantKeyNamed('gateway-2'), warrantKeyNamed('mohw-2')];
    const open = opener({ own: [agency, newAgency], gateways: [gateway, newGateway] });
    for (const own of [gateway, newGateway])
      for (const half of [agency, newAgency]) expect(code(open(sealer({ own, agencies: { mohw: half } })(claims)))).toBe('OPENED');
    expect(code(opener({ gateways: [newGateway] })(sealer()(claims)))).toBe('WARRANT_KEY');
  });

  it('cannot be pinned three times, twice under one id, or not at all', () => {
    for (const gateways of [[], [gateway, gateway], [gateway, warrantKeyNamed('b'), warrantKeyNamed('c')]])
      expect(() => opener({ gateways })).toThrow(HubError);
    expect(() => opener({ own: [] })).toThrow(HubError);
    expect(() => opener({ own: [{ ...agency, kid: 'with.dot' }] })).toThrow(HubError);
  });

  it('is derived for noise only so often, and noise does not shut out a gateway that is known', () => {
    let at = NOW;
    const open = opener({ now: () => at });
    const known = sealer();
    expect(code(open(known(claims)))).toBe('OPENED');
    const noise = () =>
      code(
        open(
          [
            Buffer.from(warrantHeader(gateway.kid, agency.kid, randomBytes(16).toString('base64url'))).toString('base64url'),
            '',
            ...known(claims).split('.').slice(2),
          ].join('.'),
        ),
      );
    const codes = Array.from({ length: 200 }, noise);
    expect(codes.filter((each) => each === 'WARRANT_SEAL').length).toBeLessThanOrEqual(64);
    expect(codes.at(-1)).toBe('TOO_MANY_REQUESTS');
    expect(code(open(known(claims)))).toBe('OPENED');
    at += 1000;
    expect(code(open(sealer()(claims)))).toBe('OPENED');
  });
});

describe('what opens', () => {
  it('must have the agreed form', async () => {
    const header = JSON.parse(vectors.header) as { alg: string; enc: string };
    const seal = (text: string) => new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).encrypt(key);
    for (const text of ['', '[]', '{}', 'nonsense', JSON.stringify({ ...claims, iss: 'other' }), JSON.stringify({ ...claims, more: 1 })]) {
      expect(code(opener()(await seal(text)))).toBe('WARRANT_CLAIMS');
    }
  });

  it('is at most 8 KiB, on both sides', () => {
    const large = { ...claims, fld: { 'mohw.low-income': Array.from({ length: 900 }, (_, index) => `field${index}`) } };
    expect(() => sealer()(large)).toThrow(/over 8 KiB/);
  });

  it('goes to an agency with a pinned key only', () => {
    expect(() => sealer()({ ...claims, aud: 'moj' })).toThrow(/No warrant key is pinned for the agency "moj"/);
  });
});

describe('docs/warrant.md', () => {
  it('shows the vectors as they are', () => {
    const page = readFileSync(new URL('../docs/warrant.md', import.meta.url), 'utf8');
    const shown = [
      JSON.stringify(gateway),
      JSON.stringify(agency),
      vectors.sharedSecret,
      vectors.epoch,
      vectors.hkdfInfo,
      vectors.key,
      vectors.header,
    ];
    for (const { iv, plaintext, digest, token } of vectors.opens) shown.push(iv, plaintext, digest, token);
    for (const text of shown) expect(page).toContain(text);
    for (const { name, code: refusal } of vectors.refused) expect(page).toContain(`${name} (\`${refusal}\`)`);
  });
});
