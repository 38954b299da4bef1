import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startThreadPlanner, type Planning } from '../../gateway/operation/planner/threadPlanner.ts';
import { consentOf, EVERYTHING, recordsOf, SERVICE, SUPERGRAPH } from '../fixtures/smallContract.ts';
import { openWorld, type Response, type World } from './operationWorld.ts';

/** Turns at the planner's desk, by client. */
const turns = new Map<string, number>();
let planning: Planning;
let world: World;
beforeAll(async () => {
  planning = await startThreadPlanner({ supergraphSdl: SUPERGRAPH, perClient: 8 });
  const counted: Planning['planner'] = {
    turn(client, work) {
      turns.set(client, (turns.get(client) ?? 0) + 1);
      return planning.planner.turn(client, work);
    },
    close: () => planning.planner.close(),
  };
  const clients: Readonly<Record<string, string>> = { alice: 'honest', mallory: 'hostile' };
  world = await openWorld({
    planning: { graph: planning.graph, planner: counted },
    records: new Map(Object.keys(clients).map((subject) => [subject, recordsOf(subject)])),
    consents: Object.entries(clients).map(([subject, client]) => consentOf(subject, EVERYTHING, { client })),
    readService: async () => ({ ...SERVICE, clients: Object.values(clients) }),
    authenticate: async ({ authorization = '' }) => {
      const subject = authorization.replace(/^DPoP /, '');
      return {
        kind: 'RELYING_PARTY',
        client: clients[subject] ?? '',
        subject,
        consent: `consent-of-${subject}`,
        grant: `grant-${subject}`,
        acr: 'urn:mydata:acr:citizen-certificate',
        authTime: 0,
      };
    },
  });
}, 60_000);
afterAll(async () => {
  await world.close();
  await planning.planner.close();
});

const KNOWN = '{ me { person { name } income { year } } }';
const flood = (from: number, count: number): Promise<Response>[] =>
  Array.from({ length: count }, (_, index) =>
    world.ask('mallory', `{ me { x${from + index}: person { name address { city zip } } cars { records { model } } } }`),
  );
const codes = (answers: readonly Response[]) =>
  new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body.errors?.[0]?.extensions['code'] ?? null)}`));

describe('while one client sends a different document with every request', () => {
  it('another’s known operation is answered, and compiled and planned no second time', async () => {
    expect((await world.ask('alice', KNOWN)).status).toBe(200);
    expect(turns.get('honest')).toBe(2);
    for (let round = 0; round < 5; round += 1) {
      const hostile = flood(round * 100, 60);
      for (let time = 0; time < 10; time += 1) {
        const { status, body } = await world.ask('alice', KNOWN);
        expect([status, body.data]).toEqual([200, { me: { person: { name: 'name of alice' }, income: { year: 2025 } } }]);
      }
      expect([...codes(await Promise.all(hostile))].every((code) => code === '200 null' || code === '429 "TOO_MANY_REQUESTS"')).toBe(true);
    }
    expect(turns.get('honest')).toBe(2);
  });

  it('another’s new operation takes its turn', async () => {
    const hostile = flood(1_000, 60);
    expect((await world.ask('alice', '{ me { visits { records { day } } income { amount } } }')).status).toBe(200);
    expect(codes(await Promise.all(hostile))).toContain('429 "TOO_MANY_REQUESTS"');
  });

  it('it is answered itself again when it slows down', async () => {
    expect((await Promise.all(flood(2_000, 1)))[0]?.status).toBe(200);
  });
});

describe('a document that is wrong', () => {
  it('is told from memory from the second time on', async () => {
    const before = turns.get('hostile') ?? 0;
    const answers = [];
    for (let time = 0; time < 20; time += 1) answers.push(await world.ask('mallory', '{ me { person { salary } } }'));
    expect(codes(answers)).toEqual(new Set(['400 "OPERATION_INVALID"']));
    expect(turns.get('hostile')).toBe(before + 1);
  });
});
