import 'reflect-metadata';
import { createHmac, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BasicConstraintsExtension, KeyUsageFlags, X509Certificate, X509CertificateGenerator, type X509Crl } from '@peculiar/x509';
import {
  createAuthority,
  issueCard,
  serialOfCard,
  signCrl,
  type CertificateAuthority,
} from '../../gateway/identity/certificateAuthority.ts';
import { verifyCardProof } from '../../gateway/identity/cardProof.ts';
import { commitmentExtension, NID_COMMITMENT_OID } from '../../gateway/identity/nidCommitment.ts';
import { signChallenge, type SoftwareCard } from '../../gateway/identity/softwareCard.ts';
import { ANNA, context, NOBODY, openIdentityHub, type IdentityHub } from '../fixtures/identityHub.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 0, 15, 8);
const at = (days: number): Date => new Date(now + days * DAY);
const challenge = `${'A'.repeat(43)}@hub.example`;
const anna = { holder: 'persona.anna', name: 'Anna', nid: ANNA };
const validity = { notBefore: at(-10), notAfter: at(10) };

let authority: CertificateAuthority;
let stranger: CertificateAuthority;
let card: SoftwareCard;
let fresh: X509Crl;
beforeAll(async () => {
  authority = await createAuthority('Citizens', randomBytes(16), { notBefore: at(-100), notAfter: at(100) });
  // Of the same name: the signature alone tells them apart.
  stranger = await createAuthority('Citizens', randomBytes(16), { notBefore: at(-100), notAfter: at(100) });
  card = await issueCard(authority, anna, validity, randomBytes);
  fresh = await signCrl(authority, [], at(-1), at(1));
});

interface Setting {
  readonly crl?: X509Crl | null | (() => Promise<X509Crl>);
  readonly trusted?: X509Certificate;
  readonly time?: number;
  readonly expected?: { challenge: string; nid: typeof ANNA };
}

async function reasonOf(
  jws: string,
  { crl = fresh, trusted = authority.certificate, time = now, expected = { challenge, nid: ANNA } }: Setting = {},
): Promise<string> {
  const verdict = await verifyCardProof(
    jws,
    expected,
    [{ certificate: trusted, readCrl: typeof crl === 'function' ? crl : async () => crl }],
    time,
  );
  return verdict.kind === 'PROVED' ? 'PROVED' : `${verdict.code}: ${verdict.reason}`;
}

type Part = Record<string, unknown>;
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A login signed as an attacker likes it. */
function forge({ header = {}, payload = {}, by = card }: { header?: Part; payload?: Part; by?: SoftwareCard } = {}): string {
  const signed = `${encode({ alg: 'ES256', typ: 'mydata-login+jws', x5c: [card.certificate], ...header })}.${encode({ challenge, opening: card.opening, ...payload })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: createPrivateKey({ key: by.key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

describe('the certificate', () => {
  it('good as it is passes, so that the refusals below mean something', async () => {
    expect(await reasonOf(signChallenge(card, challenge))).toBe('PROVED');
    expect(await reasonOf(forge())).toBe('PROVED');
  });

  it('expired, or not yet valid, is refused', async () => {
    expect(await reasonOf(forge(), { time: at(11).getTime(), crl: await signCrl(authority, [], at(10), at(12)) })).toBe(
      'CARD_REJECTED: certificate: not valid at this time',
    );
    expect(await reasonOf(forge(), { time: at(-11).getTime(), crl: await signCrl(authority, [], at(-12), at(-10)) })).toBe(
      'CARD_REJECTED: certificate: not valid at this time',
    );
  });

  it('of another authority with the same name is refused, also when it brings that authority along', async () => {
    const foreign = await issueCard(stranger, anna, validity, randomBytes);
    const chain = [foreign.certificate, Buffer.from(stranger.certificate.rawData).toString('base64')];
    expect(await reasonOf(signChallenge(foreign, challenge))).toBe('CARD_REJECTED: certificate: its issuer is not on the trust list');
    expect(await reasonOf(forge({ header: { x5c: chain }, payload: { opening: foreign.opening }, by: foreign }))).toBe(
      'CARD_REJECTED: certificate: its issuer is not on the trust list',
    );
  });

  it('issued with a citizen’s card as if it were an authority is refused', async () => {
    const leaf = new X509Certificate(card.certificate);
    const privateKey = await crypto.subtle.importKey('jwk', card.key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    const asAuthority = { certificate: leaf, keys: { privateKey, publicKey: await leaf.publicKey.export() } } as CertificateAuthority;
    const forged = await issueCard(asAuthority, { ...anna, nid: NOBODY }, validity, randomBytes);
    const chain = [forged.certificate, card.certificate, Buffer.from(authority.certificate.rawData).toString('base64')];
    const jws = forge({ header: { x5c: chain }, payload: { opening: forged.opening }, by: forged });
    expect(await reasonOf(jws, { expected: { challenge, nid: NOBODY } })).toBe(
      'CARD_REJECTED: certificate: its issuer is not on the trust list',
    );
    // Even where the citizen's certificate stood on the trust list, it is no authority.
    expect(await reasonOf(jws, { expected: { challenge, nid: NOBODY }, trusted: leaf })).toBe(
      'CARD_REJECTED: certificate: its issuer is not an authority',
    );
  });

  it('signed by nobody else than itself is refused', async () => {
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const opening = randomBytes(32);
    const self = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: authority.certificate.subjectName.toJSON(),
      ...validity,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      keys,
      extensions: [
        new BasicConstraintsExtension(false),
        ...new X509Certificate(card.certificate).extensions.filter(({ type }) => type === '2.5.29.15'),
      ],
    });
    const { x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', keys.privateKey);
    const certificate = Buffer.from(self.rawData).toString('base64');
    const by: SoftwareCard = { ...card, certificate, key: { kty: 'EC', crv: 'P-256', x, y, d }, opening: opening.toString('base64url') };
    expect(await reasonOf(signChallenge(by, challenge))).toBe('CARD_REJECTED: certificate: its issuer is not on the trust list');
  });

  it('of an authority itself is no citizen’s', async () => {
    const { x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', authority.keys.privateKey);
    const by: SoftwareCard = {
      ...card,
      certificate: Buffer.from(authority.certificate.rawData).toString('base64'),
      key: { kty: 'EC', crv: 'P-256', x, y, d },
    };
    expect(await reasonOf(signChallenge(by, challenge))).toBe('CARD_REJECTED: certificate: is an authority, not a citizen');
  });

  it('for another use than signatures is refused', async () => {
    const encryption = await issueCard(authority, anna, validity, randomBytes, KeyUsageFlags.keyAgreement);
    expect(await reasonOf(signChallenge(encryption, challenge))).toBe('CARD_REJECTED: certificate: is not for signatures');
  });

  it('altered in any byte, or with something behind it, is refused', async () => {
    const der = Buffer.from(card.certificate, 'base64');
    // Every byte of the wrapping around the signed part, and samples of the part itself.
    const places = [...der.keys()].filter((place) => place < 8 || place > der.length - 90 || place % 9 === 0);
    for (const place of places) {
      const altered = Buffer.from(der);
      altered[place] = (altered[place] ?? 0) ^ 0x01;
      expect(await reasonOf(forge({ header: { x5c: [altered.toString('base64')] } }))).toMatch(/^CARD_REJECTED/);
    }
    expect(await reasonOf(forge({ header: { x5c: [Buffer.concat([der, Buffer.from([0])]).toString('base64')] } }))).toMatch(
      /^CARD_REJECTED/,
    );
  });

  it('in another form is none', async () => {
    for (const x5c of [undefined, [], '', [42], [''], [null], { 0: 'AAAA' }, ['AAAA'], ['A'.repeat(12_000)]]) {
      expect(await reasonOf(forge({ header: { x5c } }))).toMatch(/^CARD_REJECTED/);
    }
  });

  it('is needed', async () => {
    expect(await reasonOf(forge(), { crl: null })).toBe('CARD_REJECTED: certificate: there is no revocation list of its authority');
    expect(await reasonOf(forge(), { crl: () => Promise.reject(new Error('no such file')) })).toBe(
      'CARD_REJECTED: certificate: there is no revocation list of its authority',
    );
  });

  it('is fresh', async () => {
    expect(await reasonOf(forge(), { crl: await signCrl(authority, [], at(-3), at(-1)) })).toBe(
      'CARD_REJECTED: certificate: the revocation list is stale',
    );
    expect(await reasonOf(forge(), { crl: await signCrl(authority, [], at(1), at(3)) })).toBe(
      'CARD_REJECTED: certificate: the revocation list is stale',
    );
  });

  it('without nextUpdate, which would read as an empty one, is refused', async () => {
    const endless = await signCrl(authority, [serialOfCard(card)], at(-1));
    expect(endless.entries).toEqual([]);
    expect(await reasonOf(forge(), { crl: endless })).toBe('CARD_REJECTED: certificate: the revocation list has no nextUpdate');
  });

  it('is signed by the same authority', async () => {
    expect(await reasonOf(forge(), { crl: await signCrl(stranger, [], at(-1), at(1)) })).toBe(
      'CARD_REJECTED: certificate: the revocation list is not signed by its authority',
    );
    const other = await createAuthority('Other', randomBytes(16), { notBefore: at(-100), notAfter: at(100) });
    expect(await reasonOf(forge(), { crl: await signCrl(other, [], at(-1), at(1)) })).toBe(
      'CARD_REJECTED: certificate: the revocation list is of another authority',
    );
  });

  it('of an authority that has ended helps nobody', async () => {
    const time = at(101).getTime();
    const late = await issueCard(authority, anna, { notBefore: at(-1), notAfter: at(200) }, randomBytes);
    expect(await reasonOf(signChallenge(late, challenge), { time, crl: await signCrl(authority, [], at(100), at(102)) })).toBe(
      'CARD_REJECTED: certificate: its authority is not valid at this time',
    );
  });
});

describe('the signature', () => {
  it('over another challenge is refused', async () => {
    expect(await reasonOf(signChallenge(card, `${'B'.repeat(43)}@hub.example`))).toBe('CARD_REJECTED: another challenge');
    expect(await reasonOf(signChallenge(card, `${'A'.repeat(43)}@evil.example`))).toBe('CARD_REJECTED: another challenge');
  });

  it('altered, or by another key, is refused', async () => {
    const [header, payload, signature = ''] = forge().split('.');
    for (let place = 0; place < signature.length - 1; place += 5) {
      const altered = `${signature.slice(0, place)}${signature[place] === 'A' ? 'B' : 'A'}${signature.slice(place + 1)}`;
      expect(await reasonOf(`${header}.${payload}.${altered}`)).toBe('CARD_REJECTED: the signature does not fit');
    }
    const other = await issueCard(authority, { ...anna, nid: NOBODY }, validity, randomBytes);
    expect(await reasonOf(forge({ by: other }))).toBe('CARD_REJECTED: the signature does not fit');
  });

  it('moved under another payload is refused', async () => {
    const [header, , signature] = forge().split('.');
    expect(await reasonOf(`${header}.${encode({ challenge, opening: card.opening, extra: 1 })}.${signature}`)).toBe(
      'CARD_REJECTED: the signature does not fit',
    );
  });

  it('that says it is none, or a shared secret, is refused', async () => {
    for (const alg of ['none', 'None', 'HS256', 'ES384', 'RS256', undefined]) {
      const signed = `${encode({ alg, typ: 'mydata-login+jws', x5c: [card.certificate] })}.${encode({ challenge, opening: card.opening })}`;
      const mac = createHmac('sha256', new X509Certificate(card.certificate).publicKey.toString('pem')).update(signed).digest('base64url');
      for (const signature of ['', mac, 'A'.repeat(86), forge().split('.')[2]])
        expect(await reasonOf(`${signed}.${signature}`)).toMatch(/^CARD_REJECTED/);
    }
  });

  it.each([{ typ: 'at+jwt' }, { typ: 'dpop+jwt' }, { typ: 'JWT' }, { typ: undefined }, { crit: ['b64'], b64: false }])(
    'made for something else (%j) is refused',
    async (header) => {
      expect(await reasonOf(forge({ header }))).toBe('CARD_REJECTED: header: another typ or alg');
    },
  );

  it('by a key that the header brings instead of a certificate is refused', async () => {
    const { d: _d, ...jwk } = card.key;
    expect(await reasonOf(forge({ header: { x5c: undefined, jwk } }))).toBe('CARD_REJECTED: header: no certificate');
  });
});

describe('the person', () => {
  it('is the one the certificate was issued to', async () => {
    expect(await reasonOf(forge(), { expected: { challenge, nid: NOBODY } })).toBe(
      'IDENTITY_NOT_PROVED: the certificate is of another person',
    );
  });

  it('cannot be changed by another opening', async () => {
    for (const opening of [undefined, '', randomBytes(32).toString('base64url'), card.opening.slice(1), [card.opening], { length: 32 }]) {
      expect(await reasonOf(forge({ payload: { opening } }))).toBe('IDENTITY_NOT_PROVED: the certificate is of another person');
    }
  });

  it('is committed to once: the value is one octet string of 32 bytes', () => {
    const value = commitmentExtension(ANNA, Buffer.from(card.opening, 'base64url'));
    expect(value).toHaveLength(34);
    expect(
      new X509Certificate(card.certificate).extensions
        .filter(({ type }) => type === NID_COMMITMENT_OID)
        .map((each) => Buffer.from(each.value).toString('hex')),
    ).toEqual([value.toString('hex')]);
  });
});

describe('a challenge', () => {
  let hub: IdentityHub;
  let hers: SoftwareCard;
  beforeAll(async () => {
    hub = await openIdentityHub();
    hers = await hub.authority.issue(anna);
  });
  afterAll(() => hub.close());

  const begin = async (interaction = 'interaction-1') => {
    const method = hub.identity.methods.get('citizen-certificate');
    if (method === undefined) throw new Error('no method');
    const step = await method.begin({ interaction, language: 'en' });
    const signature = signChallenge(hers, step.challenge ?? '');
    const submit = (state = step.state, on = context({ interaction })) => method.submit(state, { nationalId: ANNA.value, signature }, on);
    return { step, submit };
  };

  it('is good once, also when it is answered twenty times at once', async () => {
    const { submit } = await begin();
    const results = await Promise.all(Array.from({ length: 20 }, () => submit()));
    expect(results.filter(({ kind }) => kind === 'PROVED')).toHaveLength(1);
    expect(await submit()).toEqual({ kind: 'REFUSED', code: 'SESSION_EXPIRED' });
  });

  it('is spent by a wrong answer', async () => {
    const { step, submit } = await begin();
    const method = hub.identity.methods.get('citizen-certificate');
    expect(await method?.submit(step.state, { nationalId: ANNA.value, signature: 'x' }, context())).toMatchObject({
      code: 'CARD_REJECTED',
    });
    expect(await submit()).toEqual({ kind: 'REFUSED', code: 'SESSION_EXPIRED' });
  });

  it('is good for its own login only', async () => {
    const [mine, theirs] = [await begin('interaction-1'), await begin('interaction-2')];
    expect(await mine.submit(mine.step.state, context({ interaction: 'interaction-2' }))).toEqual({
      kind: 'REFUSED',
      code: 'SESSION_EXPIRED',
    });
    expect(await mine.submit(theirs.step.state, context({ interaction: 'interaction-2' }))).toEqual({
      kind: 'REFUSED',
      code: 'CARD_REJECTED',
    });
    expect(await mine.submit('A'.repeat(22))).toEqual({ kind: 'REFUSED', code: 'SESSION_EXPIRED' });
  });

  it('is good for five minutes', async () => {
    const { submit } = await begin();
    hub.clock.now += 300_000;
    expect(await submit()).toEqual({ kind: 'REFUSED', code: 'SESSION_EXPIRED' });
  });

  it('says which hub it is for', async () => {
    expect((await begin()).step.challenge).toMatch(/@localhost:4000$/);
  });
});
