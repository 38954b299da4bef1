import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { draftOf, nextBatch, NO_TAIL } from '../gateway/audit/batch.ts';
import type { AuditBody } from '../gateway/domain/auditEntry.ts';
import type { Consent } from '../gateway/domain/consent.ts';
import { CODE_OF_REASON } from '../gateway/domain/disclosure.ts';
import { fieldSet } from './fieldSet.ts';
import { readWarrantClaims, type WarrantClaims } from './warrant.ts';

const DOCS = new URL('../docs/', import.meta.url);
const BASE = 'https://mydata.example/contract/v1.0/';
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
const names = readdirSync(new URL('schema/', DOCS)).map((file) => file.replace('.schema.json', ''));
for (const name of names) ajv.addSchema(JSON.parse(readFileSync(new URL(`schema/${name}.schema.json`, DOCS), 'utf8')) as object);

/** What is wrong with a value of this form, one line each; none: nothing. */
function faults(name: string, value: unknown): string[] {
  const validate: ValidateFunction = ajv.getSchema(`${BASE}${name}.schema.json`) ?? expectNever(name);
  validate(value);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

function expectNever(name: string): never {
  throw new Error(`docs/schema has no ${name}`);
}

/** The examples of docs/contract.md: `<!-- form -->` before a JSON block. */
const EXAMPLES: [form: string, json: string][] = [
  ...readFileSync(new URL('contract.md', DOCS), 'utf8').matchAll(/<!-- ([\w-]+) -->\n```json\n([\s\S]*?)```/g),
].map(([, form = '', json = '']) => [form, json]);

const example = (form: string): Record<string, unknown> =>
  JSON.parse(EXAMPLES.find(([name]) => name === form)?.[1] ?? 'null') as Record<string, unknown>;

describe('the forms of docs/contract.md', () => {
  it('have a schema each, and an example of each', () => {
    expect(new Set(EXAMPLES.map(([form]) => form))).toEqual(new Set(names));
  });

  it.each(names)('%s compiles', (name) => expect(ajv.getSchema(`${BASE}${name}.schema.json`)).toBeDefined());

  it.each(EXAMPLES)('the example of %s is valid', (form, json) => expect(faults(form, JSON.parse(json))).toEqual([]));

  it.each(EXAMPLES.filter(([form]) => form !== 'field-set' && form !== 'authorization-details'))(
    '%s takes no member that it does not know',
    (form, json) => {
      expect(faults(form, { ...(JSON.parse(json) as object), surprise: 1 })).not.toEqual([]);
    },
  );
});

describe('a set of fields', () => {
  it('is what fieldSet makes', () =>
    expect(faults('field-set', fieldSet([['mohw.low-income', ['validTo', 'listedMembers.name']]]))).toEqual([]));

  it.each([
    { 'mohw.low-income': [] },
    { mohw: ['a'] },
    { 'mohw.low-income': ['a', 'a'] },
    { 'mohw.low-income': ['a..b'] },
    { 'mohw.low-income': 'a' },
    { 'Mohw.x': ['a'] },
    [],
  ])('is not %j', (value) => expect(faults('field-set', value)).not.toEqual([]));
});

describe('authorization_details', () => {
  const [details] = example('authorization-details') as unknown as [Record<string, unknown>];

  it('has exactly one element', () => {
    expect(faults('authorization-details', [])).not.toEqual([]);
    expect(faults('authorization-details', [details, details])).not.toEqual([]);
  });

  it.each([
    { type: 'openid' },
    { duration: 'P' },
    { duration: 'PT1H' },
    { mode: 'FOREVER' },
    { datasets: { mohw: 'all' } },
    { consent: true },
  ])('refuses %j', (change) => {
    expect(faults('authorization-details', [{ ...details, ...change }])).not.toEqual([]);
  });
});

describe('a refusal', () => {
  it('pairs each reason with its code, as the domain does', () => {
    for (const [reason, code] of Object.entries(CODE_OF_REASON)) {
      const acr = reason === 'ASSURANCE_TOO_LOW' ? { acrValues: ['urn:mydata:acr:nhi-card'] } : {};
      expect(faults('refusal', { code, reason, dataset: 'mohw.low-income', fields: ['category'], ...acr })).toEqual([]);
    }
    expect(
      faults('refusal', { code: 'CONSENT_EXPIRED', reason: 'WITHDRAWN', dataset: 'mohw.low-income', fields: ['category'] }),
    ).not.toEqual([]);
  });

  it('names a way up only when assurance is too low', () => {
    expect(faults('refusal', { ...example('refusal'), acrValues: ['urn:mydata:acr:nhi-card'] })).not.toEqual([]);
    expect(
      faults('refusal', { code: 'ASSURANCE_TOO_LOW', reason: 'ASSURANCE_TOO_LOW', dataset: 'mohw.low-income', fields: ['category'] }),
    ).not.toEqual([]);
  });
});

/** A literal of the domain's own type: when either changes, the compiler or this test says so. */
const CONSENT: Consent = {
  _id: 'AAAAAAAAAAAAAAAAAAAAAA',
  v: 1,
  version: 1,
  state: 'REQUESTED',
  subject: null,
  grantedBy: null,
  client: 'student-aid',
  provider: 'moe.k12ea',
  service: { id: 'online.moe.low-income-tuition-waiver', version: 1 },
  purpose: { code: 'dpv:PublicBenefit', textHash: 'A'.repeat(43) },
  mode: 'ONE_TIME',
  maxUses: 1,
  notBefore: 1576800000000,
  notAfter: 1576803600000,
  statements: [],
  screen: null,
  uses: [{ grant: 'g', documentHash: 'A'.repeat(43), variablesHash: 'A'.repeat(43), at: 1576800000000 }],
  history: [{ kind: 'REQUESTED', version: 1, at: 1576800000000 }],
  outbox: [],
};

describe('a consent', () => {
  it('is what the domain calls one', () => expect(faults('consent', CONSENT)).toEqual([]));

  it.each(Object.keys(CONSENT))('is none without %s', (member) => {
    expect(faults('consent', Object.fromEntries(Object.entries(CONSENT).filter(([name]) => name !== member)))).not.toEqual([]);
  });

  it('is not active for nobody, without a screen or a statement', () =>
    expect(faults('consent', { ...CONSENT, state: 'ACTIVE' })).not.toEqual([]));

  it('is used once if it is for one time', () => expect(faults('consent', { ...CONSENT, maxUses: null })).not.toEqual([]));
});

describe("a warrant's claims", () => {
  const claims = example('warrant-claims') as unknown as WarrantClaims;
  const agree = (value: Record<string, unknown>) =>
    expect([faults('warrant-claims', value).length === 0, readWarrantClaims(value) !== null]);

  it('are read where the schema is content', () => agree({ ...claims }).toEqual([true, true]));

  it.each(['iss', 'aud', 'iat', 'exp', 'jti', 'sub', 'nid', 'cid', 'cv', 'svc', 'pur', 'op', 'fld'])(
    'are refused by both without %s',
    (member) => {
      agree(Object.fromEntries(Object.entries(claims).filter(([name]) => name !== member))).toEqual([false, false]);
    },
  );

  it.each([
    { jti: 'short' },
    { nid: 'A999999000' },
    { nid: { kind: 'PASSPORT', value: 'X' } },
    { cv: 'two' },
    { fld: ['all'] },
    { scope: 'all' },
    { pur: 'check' },
    { pur: 'schema' },
  ])('are refused by both with %j', (change) => agree({ ...claims, ...change }).toEqual([false, false]));

  it.each([{ zip: 'DEF' }, { alg: 'ECDH-ES' }, { enc: 'A128GCM' }, { crit: ['exp'] }, { kid: 'gateway.mohw' }])(
    'have a header that is refused with %j',
    (change) => {
      expect(faults('warrant-header', { ...example('warrant-header'), ...change })).not.toEqual([]);
    },
  );
});

describe('the audit log', () => {
  const bodies: AuditBody[] = [
    { kind: 'SHARD_OPENED', request: 'start', at: 1576800000000, subject: null, follows: null },
    { kind: 'LOGIN', request: 'r', at: 1576800000000, subject: 'AAAAAAAAAAAAAAAAAAAAAA', method: 'otp-sms', outcome: 'PROVED' },
    {
      kind: 'CHECK',
      request: 'r',
      at: 1576800000000,
      subject: 'AAAAAAAAAAAAAAAAAAAAAA',
      agency: 'moi',
      predicate: 'household-number',
      warrant: 'A'.repeat(43),
    },
  ];
  const drafts = bodies.map((body) => draftOf(body, new Uint8Array(32)));

  it('writes entries of the form, their subject a pseudonym', () => {
    for (const { body } of drafts) expect(faults('audit-entry', JSON.parse(body))).toEqual([]);
    expect(faults('audit-entry', bodies[1])).not.toEqual([]);
  });

  it('writes batches of the form', () => {
    const { batch } = nextBatch('c2hhcmQtaWQtMDAwMDAwMQ', NO_TAIL, drafts, new Uint8Array(48), 1576800000000);
    expect(faults('audit-batch', batch)).toEqual([]);
  });

  it('never holds a value: an entry takes no member of its own', () => {
    expect(faults('audit-entry', { ...example('audit-entry'), values: { category: 'LOW_INCOME' } })).not.toEqual([]);
  });
});
