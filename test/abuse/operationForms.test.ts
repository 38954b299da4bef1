import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { consentOf, recordsOf } from '../fixtures/smallContract.ts';
import { openWorld, type World } from './operationWorld.ts';

const SCHEMAS = new URL('../../docs/schema/', import.meta.url);
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
for (const file of readdirSync(SCHEMAS)) ajv.addSchema(JSON.parse(readFileSync(new URL(file, SCHEMAS), 'utf8')) as object);

/** What is wrong with a value of one of the contract's forms; none: nothing. */
function faults(form: string, value: unknown): string[] {
  const validate = ajv.getSchema(`https://mydata.example/contract/v1.0/${form}.schema.json`);
  if (validate === undefined) throw new Error(`docs/schema has no ${form}`);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

let world: World;
beforeAll(async () => {
  const weak = consentOf('alice', { 'mob.income': ['year'] }).statements.map((statement) => ({
    ...statement,
    proof: { ...statement.proof, method: 'multi-factor' },
  }));
  const partial = consentOf('alice', { 'moa.person': ['name', 'address.city'], 'mob.visits': ['day'] });
  world = await openWorld({
    records: new Map(['alice', 'bob'].map((subject) => [subject, recordsOf(subject)])),
    consents: [{ ...partial, statements: [...partial.statements, ...weak] }, consentOf('bob', {}, { state: 'WITHDRAWN' })],
    meddle: (agency, answer) => (agency === 'mob' ? Promise.reject(new Error('down')) : answer),
  });
  const query =
    'query ($n: Int) { me { person { name diagnosis address { city zip } } income { year } visits { records(first: $n) { day } } cars { __typename } } }';
  await world.ask('alice', query, { variables: { n: 3 } });
  await world.ask('bob', query, { variables: { n: 3 } });
});
afterAll(() => world.close());

describe('what the pipeline writes in the forms of the contract', () => {
  it('are refusals: not consented, bare, withdrawn, too weak, unavailable', async () => {
    const answers = [
      await world.ask('alice', '{ me { person { name diagnosis } income { year } visits { records { day } } cars { __typename } } }'),
      await world.ask('bob', '{ me { person { name } } }'),
    ];
    const refusals = answers.flatMap(({ body }) => (body.errors ?? []).map(({ extensions }) => extensions));
    expect(refusals.map(({ reason }) => reason).sort()).toEqual([
      'ASSURANCE_TOO_LOW',
      'NOT_CONSENTED',
      'NOT_CONSENTED',
      'SOURCE_UNAVAILABLE',
      'WITHDRAWN',
    ]);
    expect(refusals.flatMap((refusal) => faults('refusal', refusal))).toEqual([]);
  });

  it('are warrants', () => {
    // Synthetic ids of this world are shorter than real ones.
    const ids = { jti: 'R'.repeat(22), sub: 'S'.repeat(22), cid: 'C'.repeat(22) };
    expect(world.asked.length).toBeGreaterThan(0);
    expect(world.asked.flatMap(({ warrant }) => faults('warrant-claims', { ...warrant, ...ids }))).toEqual([]);
  });

  it('are sets of fields, in normal form', () => {
    const sets = world.audited.flatMap(({ body }) => (body.kind === 'DISCLOSURE_INTENT' ? [body.permitted] : []));
    expect(sets.length).toBeGreaterThan(0);
    expect([...sets, ...world.asked.map(({ warrant }) => warrant.fld)].flatMap((set) => faults('field-set', set))).toEqual([]);
  });
});
