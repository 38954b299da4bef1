import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import type { Consent } from '../../gateway/domain/consent.ts';
import { loadGraph } from '../../gateway/operation/graph.ts';
import { checkLimits, LIMITS } from '../../gateway/operation/limits.ts';
import { fieldSet, type FieldSet } from '../../schema/fieldSet.ts';
import { randomDocument, randomOf } from './operationDocuments.ts';
import { leavesRun, redacted } from './operationOracle.ts';
import { consentOf, CONTRACT, EVERYTHING, recordsOf, SUPERGRAPH, type Records } from '../fixtures/smallContract.ts';
import { openWorld, type World } from './operationWorld.ts';

const { api } = loadGraph(SUPERGRAPH);
const RUNS = 120;
const PATIENCE_MS = 120_000;

/** A random part of all fields. */
function randomConsent(seed: number): FieldSet {
  const random = randomOf(seed);
  const share = random();
  return fieldSet(Object.entries(EVERYTHING).map(([dataset, paths]) => [dataset, paths.filter(() => random() < share)]));
}

/** Records with parts missing: a dataset without a record, an object that is null, an empty list. */
function randomRecords(subject: string, seed: number): Records {
  const random = randomOf(seed);
  const thin = (value: unknown): unknown => {
    if (random() < 0.12) return null;
    if (Array.isArray(value)) return random() < 0.15 ? [] : value.map(thin);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, thin(member)]));
    return value;
  };
  return thin(recordsOf(subject)) as Records;
}

/** One world for all runs: its caches see every document and every consent, each run is a subject of its own. */
const records = new Map<string, Records>();
const consents: Consent[] = [];
let world: World;
let serial = 0;

beforeAll(async () => {
  world = await openWorld({ records, consents });
});
afterAll(() => world.close());

/** A fresh subject with these fields consented and these records, as if she were always called the same. */
async function askAs(fields: FieldSet, held: (subject: string) => Records, query: string, variables: Record<string, unknown>) {
  const subject = `subject-${serial++}`;
  records.set(subject, held(subject));
  consents.push(consentOf(subject, fields));
  const before = world.asked.length;
  const answer = await world.ask(subject, query, { variables });
  return { subject, answer, asked: world.asked.slice(before) };
}

const seeds = fc.record({ document: fc.nat(), consent: fc.nat(), records: fc.nat() });

/** A document that the door lets in: a few random ones are over a limit, and what is refused whole has its own tests. */
function documentOf(seed: number) {
  const made = randomDocument(api, seed);
  fc.pre(validate(api, parse(made.query)).length === 0 && isWithinLimits(made.query));
  return made;
}

function isWithinLimits(query: string): boolean {
  try {
    checkLimits(parse(query, { maxTokens: LIMITS.tokens }), LIMITS);
    return true;
  } catch {
    return false;
  }
}

describe('what leaves the hub', () => {
  it(
    'equals the full answer with everything refused taken out by brute force',
    async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const { query, variables } = documentOf(seed.document);
          const fields = randomConsent(seed.consent);
          const { subject, answer } = await askAs(fields, (name) => randomRecords(name, seed.records), query, variables);
          expect(answer.status).toBe(200);
          const root = { me: { ...randomRecords(subject, seed.records) }, notes: [{ id: '1', text: `note of ${subject}` }] };
          const expected = redacted(api, CONTRACT, fields, query, variables, root);
          expect(JSON.stringify(answer.body.data)).toBe(JSON.stringify(expected));
          expect(world.failures).toEqual([]);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    },
    PATIENCE_MS,
  );

  it(
    'was asked for: every leaf that runs is released or refused by name, and agencies are asked for the released ones alone',
    async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const { query, variables } = documentOf(seed.document);
          const fields = randomConsent(seed.consent);
          const { answer, asked } = await askAs(fields, recordsOf, query, variables);
          const scopes = (dataset: unknown, paths: unknown) => (paths as string[]).map((path) => `${String(dataset)}:${path}`);
          const refused = (answer.body.errors ?? []).flatMap(({ extensions }) => scopes(extensions['dataset'], extensions['fields']));
          const warranted = asked.flatMap(({ warrant }) =>
            Object.entries(warrant.fld ?? {}).flatMap(([dataset, paths]) => scopes(dataset, paths)),
          );
          expect([...new Set([...refused, ...warranted])].sort()).toEqual([...leavesRun(api, CONTRACT, query, variables)].sort());
          expect(refused.filter((scope) => warranted.includes(scope))).toEqual([]);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    },
    PATIENCE_MS,
  );

  it(
    'never differs by whether a refused record exists, or by what is in it',
    async () => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const { query, variables } = documentOf(seed.document);
          // Whole datasets are refused; the others keep their records in both worlds.
          const random = randomOf(seed.consent);
          const fields = fieldSet(Object.entries(EVERYTHING).filter(() => random() < 0.5));
          const kept = new Set(Object.keys(fields).map((dataset) => CONTRACT.datasets.get(dataset)?.field ?? ''));
          const without = (name: string) =>
            Object.fromEntries(Object.entries(recordsOf(name)).map(([field, value]) => [field, kept.has(field) ? value : null]));
          const one = await askAs(fields, recordsOf, query, variables);
          const other = await askAs(fields, without, query, variables);
          expect(one.answer.text.replaceAll(one.subject, 'she')).toBe(other.answer.text.replaceAll(other.subject, 'she'));
          expect(one.asked.length).toBe(other.asked.length);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    },
    PATIENCE_MS,
  );
});

describe('one document under two consents', () => {
  it('is answered the same whichever caller came first', async () => {
    const query = '{ me { person { name diagnosis address { city zip } } income { amount } } }';
    const consents = [consentOf('alice', { 'moa.person': ['name', 'address.zip'] }), consentOf('bob', {}), consentOf('carol', EVERYTHING)];
    const records = new Map(['alice', 'bob', 'carol'].map((subject) => [subject, recordsOf(subject)]));
    const byOrder = [];
    for (const order of [
      ['alice', 'bob', 'carol'],
      ['carol', 'bob', 'alice'],
      ['bob', 'carol', 'alice'],
    ]) {
      const world = await openWorld({ records, consents });
      const answers = new Map<string, string>();
      for (const subject of order) answers.set(subject, (await world.ask(subject, query)).text);
      for (const subject of order) expect((await world.ask(subject, query)).text).toBe(answers.get(subject));
      byOrder.push(['alice', 'bob', 'carol'].map((subject) => answers.get(subject)));
      await world.close();
    }
    expect(byOrder[1]).toEqual(byOrder[0]);
    expect(byOrder[2]).toEqual(byOrder[0]);
  });

  it(
    'shows no foreign value in 1,000 parallel queries of two citizens',
    async () => {
      const consents = [
        consentOf('alice', EVERYTHING),
        consentOf('bob', { 'moa.person': ['name', 'relatives.pets.name'], 'moa.cars': ['plate'] }),
      ];
      const records = new Map(['alice', 'bob'].map((subject) => [subject, recordsOf(subject)]));
      const world = await openWorld({ records, consents });
      const query =
        '{ me { person { name diagnosis relatives { name pets { name } } } cars { records { plate model } } income { amount } } notes { text } }';
      const alone = { alice: (await world.ask('alice', query)).text, bob: (await world.ask('bob', query)).text };
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 'alice' : 'bob')).map(
          async (who) => ({ who, text: (await world.ask(who, query)).text }) as const,
        ),
      );
      for (const { who, text } of answers) expect(text).toBe(alone[who]);
      expect(alone.alice).not.toContain('of bob');
      expect(alone.bob).not.toContain('of alice');
      expect(alone.bob).toContain('pet of bob');
      await world.close();
    },
    PATIENCE_MS,
  );
});
