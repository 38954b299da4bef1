import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Batch } from '../../gateway/audit/batch.ts';
import { batchModel } from '../../gateway/audit/batchModel.ts';
import { openStore } from '../../store/openStore.ts';
import { agree, ask, citizen, signIn, WAIVER_QUERY, type Given } from '../fixtures/hubClient.ts';
import { cleanUp, dataFolder, run, runHub, type RunningHub } from '../fixtures/runHub.ts';

const VERIFY = 'dist/gateway/audit/verifyMain.js';
const WITHDRAW = 'mutation W($id: ID!) { withdrawConsent(id: $id) { state } }';
const STATES = '{ consents(first: 100) { consents { id state } } }';

/** Who agree at the same time; each has a card. */
const PEOPLE = ['adult-student', 'veteran', 'heir'];

/** The embedded store's folder is what these tests end, copy and verify. */
const embedded = process.env['MONGODB_URI'] === undefined;

async function states(hub: RunningHub, own: Given): Promise<Map<string, string>> {
  const { body } = await ask(hub, own.authorization, { body: { query: STATES } });
  const { consents } = (body.data as { consents: { consents: { id: string; state: string }[] } }).consents;
  return new Map(consents.map(({ id, state }) => [id, state]));
}

async function verified(folder: string, ...more: readonly string[]): Promise<string> {
  const { code, output } = await run(VERIFY, ['--data', folder, ...more]);
  if (code !== 0) throw new Error(output);
  return output;
}

describe('what was acknowledged is there after the hub ended', () => {
  afterAll(cleanUp);

  it('told to end: consents, a withdrawal, the log and the tokens in use go on', async () => {
    const first = await runHub();
    const she = await citizen(first, 'adult-student');
    const kept = await agree(first, she, { service: 'example.credit-card' });
    const gone = await agree(first, she);
    const own = await signIn(first, she);
    await ask(first, gone.authorization, { body: { query: WAIVER_QUERY } });
    await ask(first, own.authorization, { body: { query: WITHDRAW, variables: { id: gone.authorization.consent } } });
    await ask(first, gone.authorization, { body: { query: WAIVER_QUERY } });
    expect(await first.stop()).toBe(0);
    expect(first.output()).not.toMatch(/"level":50|\n\s+at /);

    const second = await runHub({ dataDir: first.dataDir, port: Number(new URL(first.url).port) });
    const withdrawn = await ask(second, gone.authorization, { body: { query: WAIVER_QUERY } });
    expect(withdrawn.body.data).toEqual({ me: { lowIncome: null, householdPersonal: null } });
    expect(new Set(withdrawn.codes)).toEqual(new Set(['CONSENT_WITHDRAWN']));
    const means = await ask(second, kept.authorization, { body: { query: '{ me { property { totalValue } } }' } });
    expect(means.body).toMatchObject({ data: { me: { property: { totalValue: 690_000 } } } });
    const log = await ask(second, own.authorization, {
      body: { query: '{ accessLog(first: 100) { entries { kind consent count event } } }' },
    });
    const { entries } = (log.body.data as { accessLog: { entries: { kind: string; consent: string | null; event: string | null }[] } })
      .accessLog;
    const ofGone = entries.filter(({ consent }) => consent === gone.authorization.consent).map(({ kind, event }) => event ?? kind);
    expect(ofGone.sort()).toEqual(['DISCLOSURE', 'GRANTED', 'REFUSAL', 'REFUSAL', 'REQUESTED', 'WITHDRAWN']);
    // A card of the software authority, a bound phone: no second enrolment.
    expect(await agree(second, await citizen(second, 'adult-student'), { method: 'otp-sms' })).toBeDefined();
    expect(await second.stop()).toBe(0);
    if (embedded) expect(await verified(first.dataDir)).toMatch(/^Whole: 2 shards/m);
  }, 180_000);

  it('killed in the middle of consents, withdrawals and queries, again and again: no acknowledged one is lost', async () => {
    const folder = dataFolder();
    const granted = new Map(PEOPLE.map((persona) => [persona, new Set<string>()]));
    const count = (): number => [...granted.values()].reduce((sum, { size }) => sum + size, 0);
    const withdrawn = new Set<string>();
    /** Withdrawals that were sent, acknowledged or not. */
    const sent = new Set<string>();
    let port: number | undefined;
    for (let round = 0; round < 4; round++) {
      const hub: RunningHub = await runHub({ dataDir: folder, ...(port !== undefined && { port }) });
      port = Number(new URL(hub.url).port);
      let ended = false;
      // One after another, until the hub is gone: she agrees, the service reads, and all but the first person withdraw again.
      const worker = async (persona: string, withdraws: boolean): Promise<void> => {
        const who = await citizen(hub, persona);
        const own = await signIn(hub, who);
        while (!ended) {
          const given = await agree(hub, who, { service: 'online.moe.free-tuition', fields: [] });
          const id = given.authorization.consent ?? '';
          granted.get(persona)?.add(id);
          const read = await ask(hub, given.authorization, { body: { query: '{ me { householdIncome { taxYear belowThreshold } } }' } });
          expect(read.status).toBe(200);
          if (!withdraws) continue;
          sent.add(id);
          const answer = await ask(hub, own.authorization, { body: { query: WITHDRAW, variables: { id } } });
          if (JSON.stringify(answer.body.data) === '{"withdrawConsent":{"state":"WITHDRAWN"}}') withdrawn.add(id);
        }
      };
      // A worker ends when nobody answers any more; what it saw before was acknowledged.
      const workers = PEOPLE.map((persona, i) =>
        worker(persona, i > 0).catch((error: unknown) => {
          if (!ended) throw error;
        }),
      );
      const goal = count() + 6;
      while (count() < goal) await Promise.race([Promise.all(workers), new Promise((wake) => setTimeout(wake, 20))]);
      ended = true;
      await hub.stop('SIGKILL');
      await Promise.all(workers);
    }

    const hub = await runHub({ dataDir: folder, ...(port !== undefined && { port }) });
    expect(withdrawn.size).toBeGreaterThan(0);
    for (const [persona, given] of granted) {
      const now = await states(hub, await signIn(hub, await citizen(hub, persona)));
      for (const id of given) {
        // A later consent may have taken an older one's place; nothing else ends one that she did not withdraw.
        const expected = withdrawn.has(id) ? ['WITHDRAWN'] : ['ACTIVE', 'SUPERSEDED', ...(sent.has(id) ? ['WITHDRAWN'] : [])];
        expect([id, expected.includes(now.get(id) ?? 'LOST')]).toEqual([id, true]);
      }
    }
    expect(await hub.stop()).toBe(0);
    if (embedded) expect(await verified(folder)).toMatch(/^Whole: 5 shards/m);
  }, 400_000);

  (embedded ? it : it.skip)(
    'the log names what was altered in a copy of the folder',
    async () => {
      const hub = await runHub();
      const given = await agree(hub, await citizen(hub, 'low-income-student'));
      for (let i = 0; i < 3; i++) await ask(hub, given.authorization, { body: { query: WAIVER_QUERY } });
      await hub.stop();
      const heads = join(dataFolder(), 'earlier-heads.jsonl');
      cpSync(join(hub.dataDir, 'audit-heads.jsonl'), heads);
      cpSync(join(hub.dataDir, 'audit-heads.jsonl.keys.json'), `${heads}.keys.json`);
      expect(await verified(hub.dataDir, '--heads', heads)).toMatch(/^Whole/m);

      // An entry as somebody who may write to the database would rather have it.
      const store = await openStore({ dataDir: hub.dataDir });
      const batches = batchModel(await store.database('audit'));
      const all = await batches.find({}).lean<Batch[]>();
      const batch = all.find(({ entries }) => entries.some(({ body }) => body?.includes('DISCLOSURE_INTENT')));
      if (batch === undefined) throw new Error('no disclosure in the log');
      const entries = batch.entries.map((entry) => ({
        ...entry,
        body: entry.body?.replaceAll('mohw.low-income', 'mohw.health-card') ?? null,
      }));
      await batches.updateOne({ _id: batch._id }, { $set: { entries } });
      await store.close();
      const altered = await run(VERIFY, ['--data', hub.dataDir, '--heads', heads]);
      expect(altered.code).toBe(1);
      expect(altered.output).toContain(`ALTERED: shard ${batch.shard}, batch ${batch.seq}`);
      expect(altered.output).not.toMatch(/\n\s+at /);

      // One byte of the disk.
      const file = join(hub.dataDir, 'audit.db');
      const bytes = readFileSync(file);
      bytes.write('X', bytes.indexOf('DISCLOSURE_INTENT'), 'latin1');
      writeFileSync(file, bytes);
      const damaged = await run(VERIFY, ['--data', hub.dataDir, '--heads', heads]);
      expect(damaged).toMatchObject({ code: 2, output: expect.stringContaining('STORE_CORRUPT') });
      expect(damaged.output).toContain('audit.db');
    },
    120_000,
  );
});
