import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import type { AgencyAnswer, AgencyTransport } from '../../schema/agencyTransport.ts';
import { CONTRACT, EVERYTHING, SUPERGRAPH } from '../../test/fixtures/smallContract.ts';
import { fetchFromAgency, type AgencyCall } from './agencyFetch.ts';
import { checkPlan } from './checkPlan.ts';
import { loadGraph } from './graph.ts';
import { deadlines } from './transport/deadlines.ts';
import { planOperation } from './planOperation.ts';
import type { Warranted } from './warrants.ts';

const graph = loadGraph(SUPERGRAPH);
const planned = planOperation(graph, parse('{ me { person { name } c: cars { records { model } } } }'), { askIds: true });
const fetch = planned.fetches[1];
const checked = checkPlan(CONTRACT, graph.whole, planned, EVERYTHING)[1];
const claims = { iss: 'gateway', aud: 'moa', iat: 1, exp: 2, jti: 'A'.repeat(22), sub: 'alice', pur: 'x', op: 'x' };
const warranted = { fetch, checked, claims, digest: 'x' } as Warranted;
const ENTITY = { id: 'alice', person: { name: 'A' }, c: { records: [{ model: 'x' }, { model: 'y' }] } };

function calling(call: AgencyTransport['call'], more: Partial<AgencyCall> = {}) {
  const alarms: unknown[] = [];
  const failures: unknown[] = [];
  const transport: AgencyTransport = { agency: 'moa', call, check: () => Promise.resolve(false), close: () => Promise.resolve() };
  const made = fetchFromAgency({
    warranted,
    variables: { representations: [{ __typename: 'DataSubject', id: 'alice' }] },
    transport,
    request: 'request-1',
    deadlines: deadlines(30_000),
    alarm: (alarm) => void alarms.push(alarm),
    failure: (cause) => void failures.push(cause instanceof Error ? cause.message : cause),
    many: (dataset) => dataset === 'moa.cars',
    ...more,
  });
  return made.then(({ answer, outcome }) => ({ answer, ...outcome, unavailable: [...outcome.unavailable].sort(), alarms, failures }));
}

const answering = (answer: AgencyAnswer) => calling(() => Promise.resolve(answer));
const BOTH = ['moa.cars', 'moa.person'];

describe('one agency fetch', () => {
  it('brings the entity, its standing and the number of records', async () => {
    const datasets = {
      'moa.person': { state: 'AVAILABLE', asOf: '2026-01-01' },
      'mob.income': { state: 'AVAILABLE', asOf: '2026-01-01' },
    } as const;
    const came = await answering({ data: { _entities: [ENTITY] }, extensions: { datasets } });
    expect(came.answer.data).toEqual({ _entities: [ENTITY] });
    expect(came.standings).toEqual({ 'moa.person': { state: 'AVAILABLE', asOf: '2026-01-01' } });
    expect(came.counts).toEqual({ 'moa.person': 1, 'moa.cars': 2 });
    expect(came).toMatchObject({ failed: false, unavailable: [] });
  });

  it('throws another subject’s entity away, with an alarm that names nobody', async () => {
    const came = await answering({ data: { _entities: [{ ...ENTITY, id: 'bob' }] } });
    expect(came).toMatchObject({ answer: { data: null }, failed: true, unavailable: BOTH, counts: {} });
    expect(came.alarms).toEqual([{ kind: 'FOREIGN_ENTITY', request: 'request-1', agency: 'moa' }]);
    expect(JSON.stringify(came)).not.toContain('bob');
  });

  it.each<[string, AgencyAnswer]>([
    ['without an id', { data: { _entities: [{ person: { name: 'A' } }] } }],
    ['of two entities', { data: { _entities: [ENTITY, ENTITY] } }],
    ['of none', { data: { _entities: [null] } }],
    ['without entities', { data: {} }],
    ['without data', { data: null, errors: [{ message: 'secret words' }] }],
  ])('is nothing when the answer is one %s', async (_what, answer) => {
    expect(await answering(answer)).toMatchObject({ answer: { data: null }, failed: true, unavailable: BOTH });
  });

  it('costs only the dataset that an error names, and hands no words of the agency on', async () => {
    const errors = [{ message: 'secret words', path: ['_entities', 0, 'c', 'records', 1, 'model'] }];
    const came = await answering({ data: { _entities: [ENTITY] }, errors });
    expect(came).toMatchObject({ failed: false, unavailable: ['moa.cars'] });
    expect(JSON.stringify(came)).not.toContain('secret');
    expect((await answering({ data: { _entities: [ENTITY] }, errors: [{ message: 'x' }] })).unavailable).toEqual(BOTH);
  });

  it('costs a dataset that the agency itself calls unavailable', async () => {
    const came = await answering({
      data: { _entities: [ENTITY] },
      extensions: { datasets: { 'moa.person': { state: 'UNAVAILABLE', asOf: '2026-01-01' } } },
    });
    expect(came.unavailable).toEqual(['moa.person']);
  });

  it('never fails: a transport that rejects, throws or is missing costs its fields', async () => {
    for (const call of [
      () => Promise.reject(new Error('down')),
      () => {
        throw new Error('broken');
      },
    ]) {
      expect(await calling(call)).toMatchObject({ answer: { data: null }, failed: true, unavailable: BOTH });
    }
    expect(await calling(() => Promise.resolve({ data: {} }), { transport: undefined })).toMatchObject({ failed: true });
  });

  it('does not wait for a transport that ignores time, and takes nothing of it later', async () => {
    let answerLate: (answer: AgencyAnswer) => void = () => {};
    const hanging: AgencyTransport['call'] = () => new Promise((resolve) => (answerLate = resolve));
    const came = await calling(hanging, { deadlines: deadlines(5) });
    expect(came).toMatchObject({ failed: true, unavailable: BOTH, failures: [expect.stringContaining('no answer in time')] });
    answerLate({ data: { _entities: [ENTITY] } });
    await Promise.resolve();
    expect(came).toMatchObject({ answer: { data: null }, counts: {} });
  });

  it('asks about nobody but the warrant’s subject', async () => {
    for (const representations of [[{ __typename: 'DataSubject', id: 'bob' }], [], [{ __typename: 'Person', id: 'alice' }], undefined]) {
      let called = false;
      const came = await calling(
        () => {
          called = true;
          return Promise.resolve({ data: {} });
        },
        { variables: { representations } },
      );
      expect(called).toBe(false);
      expect(came.failed).toBe(true);
    }
  });
});
