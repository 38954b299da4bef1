import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agree, ask, citizen, proofFor, send, signIn, WAIVER_QUERY, type Given, type Received } from '../fixtures/hubClient.ts';
import { cleanUp, dataFolder, run, runHub, type RunningHub } from '../fixtures/runHub.ts';

/** Replicas share a MongoDB server; an embedded store belongs to one process. `npm run test:mongo` runs them. */
const onMongo = process.env['MONGODB_URI'] !== undefined;
const suite = onMongo ? describe : describe.skip;
if (!onMongo)
  process.stderr.write('\nDID NOT RUN here: two hubs on one MongoDB server (MONGODB_URI is not set; npm run test:mongo runs it)\n');

suite('two hubs on one MongoDB server', () => {
  let first: RunningHub;
  /** The same hub at another address, as a load balancer reaches it: tokens and proofs name the first's. */
  let second: RunningHub;

  beforeAll(async () => {
    first = await runHub();
    const dataDir = dataFolder();
    cpSync(join(first.dataDir, 'dev'), join(dataDir, 'dev'), { recursive: true });
    second = await runHub({ dataDir, env: { DATABASE_PREFIX: first.databasePrefix, PUBLIC_URL: first.url } });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()]);
    for (const { output } of [first, second]) expect(output()).not.toMatch(/\n\s+at |"level":50/);
    await cleanUp();
  });

  const at = async (hub: RunningHub, { authorization }: Given, query: string, proof?: string): Promise<Received> =>
    send(hub, { token: authorization.accessToken, proof: proof ?? (await proofFor(first, authorization)), body: { query } });

  it('answer alike, and one proof is good once at both together', async () => {
    const given = await agree(first, await citizen(first, 'adult-student'));
    expect((await at(second, given, WAIVER_QUERY)).body).toEqual((await at(first, given, WAIVER_QUERY)).body);
    for (let round = 0; round < 5; round++) {
      const proof = await proofFor(first, given.authorization);
      const all = await Promise.all([first, second, first, second].map((hub) => at(hub, given, WAIVER_QUERY, proof)));
      expect(all.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    }
  });

  it('what is withdrawn or narrowed at one is so at the other, from the next query on', async () => {
    const she = await citizen(first, 'adult-student');
    const own = await signIn(first, she);
    for (let round = 0; round < 5; round++) {
      const given = await agree(first, she);
      const id = given.authorization.consent;
      await Promise.all([at(first, given, WAIVER_QUERY), at(second, given, WAIVER_QUERY)]);
      const drop = `drop: [{ dataset: "moi.household.personal", fields: ["nationalId"] }]`;
      await at(second, own, `mutation { narrowConsent(id: "${id}", ${drop}) { state } }`);
      const less = await at(first, given, WAIVER_QUERY);
      expect(less.body.data).toMatchObject({ me: { householdPersonal: { name: '周示晴', nationalId: null } } });
      const [here, there] = round % 2 === 0 ? [first, second] : [second, first];
      expect((await at(here, own, `mutation { withdrawConsent(id: "${id}") { state } }`)).body.errors).toBeUndefined();
      const nothing = await at(there, given, WAIVER_QUERY);
      expect(nothing.body.data).toEqual({ me: { lowIncome: null, householdPersonal: null } });
      expect(new Set(nothing.codes)).toEqual(new Set(['CONSENT_WITHDRAWN']));
    }
  });

  it('give one use of a one-time consent between them', async () => {
    const given = await agree(first, await citizen(first, 'property-owner-card-applicant'), { service: 'example.credit-card' });
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) => at(i % 2 === 0 ? first : second, given, `{ me { property { a${i}: totalValue } } }`)),
    );
    expect(all.filter(({ body }) => body.errors === undefined)).toHaveLength(1);
  });

  it('show the citizen in one log what both gave', async () => {
    const she = await citizen(first, 'adult-student');
    const given = await agree(first, she);
    const own = await signIn(first, she);
    for (const hub of [first, second, second]) await at(hub, given, WAIVER_QUERY);
    for (const hub of [first, second]) {
      const { body } = await ask(hub, own.authorization, {
        proof: await proofFor(first, own.authorization),
        body: { query: '{ accessLog(first: 50, kinds: [DISCLOSURE]) { entries { consent } } }' },
      });
      const { entries } = (body.data as { accessLog: { entries: { consent: string }[] } }).accessLog;
      expect(entries.filter(({ consent }) => consent === given.authorization.consent)).toHaveLength(3);
    }
  });

  it('go on when one is killed', async () => {
    const given = await agree(first, await citizen(first, 'adult-student'));
    await second.stop('SIGKILL');
    expect((await at(first, given, WAIVER_QUERY)).body.errors).toBeUndefined();
  });

  it('leave one log, which holds under the heads that either signed', async () => {
    const folder = dataFolder();
    const [uri, out] = [join(folder, 'uri'), join(folder, 'audit.jsonl')];
    writeFileSync(uri, process.env['MONGODB_URI'] ?? '');
    await first.stop();
    const exported = await run('dist/gateway/audit/exportMain.js', ['--mongodb', uri, '--prefix', first.databasePrefix, '--out', out]);
    expect(exported).toMatchObject({ code: 0 });
    for (const { dataDir } of [first, second]) {
      const verified = await run('dist/gateway/audit/verifyMain.js', ['--export', out, '--heads', join(dataDir, 'audit-heads.jsonl')]);
      expect([verified.code, verified.output]).toEqual([0, expect.stringMatching(/^Whole: 2 shards/m)]);
    }
  });
});
