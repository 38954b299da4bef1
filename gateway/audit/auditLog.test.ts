import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { change, check, intent, login, outcome, refusal } from '../../test/fixtures/auditBodies.ts';
import { NOON, openAuditDatabase, type AuditDatabase } from '../../test/fixtures/auditDatabase.ts';
import type { AccessEntry, AuditBody, ShardOpened } from '../domain/auditEntry.ts';
import { openAuditLog, type AuditLog, type AuditLogOptions } from './auditLog.ts';
import type { Batch } from './batch.ts';
import { allBatches, batchModel } from './batchModel.ts';
import { headKeysFile } from './headFile.ts';
import { readHeadChain } from './headChain.ts';
import { headKeys } from './headForm.ts';
import { linesOf } from './jsonLines.ts';
import { storedLog } from './logSources.ts';
import { verifyAudit } from './verify.ts';

let database: AuditDatabase;
let logs: AuditLog[];

beforeEach(async () => {
  database = await openAuditDatabase();
  logs = [];
});

afterEach(async () => {
  for (const log of logs) await log.close();
  await database.close();
});

async function open(some: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
  const log = await openAuditLog({ ...database.options, ...some });
  logs.push(log);
  return log;
}

async function close(log: AuditLog): Promise<void> {
  logs.splice(logs.indexOf(log), 1);
  await log.close();
}

async function stored(): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of allBatches(batchModel(database.connection), 3)) batches.push(batch);
  return batches;
}

const bodiesOf = (batches: readonly Batch[]): AuditBody[] =>
  batches.flatMap(({ entries }) => entries.map(({ body }) => JSON.parse(body ?? 'null') as AuditBody));
const kindsOf = (batches: readonly Batch[]): string[] => bodiesOf(batches).map(({ kind }) => kind);

async function readHeads() {
  const keys = await headKeys(JSON.parse(await readFile(headKeysFile(database.options.headFile), 'utf8')));
  return readHeadChain(linesOf(database.options.headFile), keys);
}

describe('auditLog', () => {
  it('begins a shard with an entry that names the shard and the end it follows', async () => {
    const first = await open();
    await first.append(intent());
    await close(first);
    await close(await open());
    const [one, two] = bodiesOf(await stored())
      .filter(({ kind }) => kind === 'SHARD_OPENED')
      .sort((a, b) => Number((a as ShardOpened).follows !== null) - Number((b as ShardOpened).follows !== null));
    const batches = await stored();
    const end = batches.filter(({ entries }) => entries.some(({ body }) => body?.includes('DISCLOSURE_INTENT')))[0] as Batch;
    expect(one).toMatchObject({ follows: null, tail: null });
    expect(two).toMatchObject({ follows: end.shard, tail: { seq: end.seq, size: end.head.size, hash: end.head.hash } });
  });

  it('stores a durable entry as one document, its subject as a pseudonym', async () => {
    const log = await open();
    await log.append(intent({ request: 'request-1' }));
    const [, batch] = await stored();
    expect(batch).toMatchObject({ v: 1, seq: 1, at: NOON, head: { size: 2 } });
    expect(batch?.entries).toHaveLength(1);
    const { subject, ...body } = bodiesOf([batch as Batch])[0] as AuditBody;
    const { subject: _subject, ...given } = intent({ request: 'request-1' });
    expect(body).toEqual(given);
    expect(subject).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(batch?.keys).toEqual([`subject:${subject}`]);
  });

  it('shows an intent and its outcome as one line, and a missing outcome as a disclosure', async () => {
    const log = await open();
    await log.append(intent({ request: 'request-1' }));
    await log.append(intent({ request: 'request-2' }));
    log.note(outcome('request-1', { counts: { 'mohw.low-income': 1 }, failed: ['mof'] }));
    await log.flush();
    const [two, one] = await log.forSubject('subject-1', { first: 10 });
    expect(one).toMatchObject({
      kind: 'DISCLOSURE',
      request: 'request-1',
      counts: { 'mohw.low-income': 1 },
      failedAgencies: ['mof'],
      permitted: intent().permitted,
      refused: intent().refused,
    });
    expect(two).toMatchObject({ kind: 'DISCLOSURE', request: 'request-2', client: 'student-aid', purpose: 'dpv:PublicBenefit', count: 1 });
    expect(two).not.toHaveProperty('counts');
  });

  it('shows folded refusals at once, with their count', async () => {
    const log = await open();
    for (let number = 0; number < 5; number += 1) log.refuse(refusal());
    log.refuse(refusal({ subject: 'subject-2' }));
    expect(kindsOf(await stored())).toEqual(['SHARD_OPENED']);
    await expect(log.forSubject('subject-1', { first: 10 })).resolves.toMatchObject([
      { kind: 'REFUSAL', count: 5, refused: refusal().refused, permitted: {} },
    ]);
    expect(kindsOf(await stored())).toEqual(['SHARD_OPENED', 'REFUSAL']);
    await close(log);
    expect(kindsOf(await stored())).toEqual(['SHARD_OPENED', 'REFUSAL', 'REFUSAL']);
  });

  it('records a consent change once, however often and wherever it is published', async () => {
    const log = await open();
    await Promise.all([log.publishConsentChange(change()), log.publishConsentChange(change())]);
    await log.publishConsentChange(change());
    await log.publishConsentChange(change({ event: 'NARROWED', consentVersion: 3 }));
    await close(log);
    const next = await open();
    await next.publishConsentChange(change());
    expect(kindsOf(await stored()).filter((kind) => kind === 'CONSENT')).toHaveLength(2);
    await expect(next.forSubject('subject-1', { first: 10, consent: 'consent-1' })).resolves.toMatchObject([
      { event: 'NARROWED' },
      { event: 'GRANTED', permitted: change().fields },
    ]);
  });

  it('shows what concerns one consent, and nothing of another of the same subject', async () => {
    const log = await open();
    await log.append(intent());
    await log.append(intent({ consent: 'consent-2', request: 'request-9' }));
    await log.append(login());
    log.refuse(refusal({ consent: 'consent-2' }));
    const kinds = async (consent: string) =>
      (await log.forSubject('subject-1', { first: 10, consent })).map(({ kind, consent: of }) => [kind, of]);
    expect(await kinds('consent-1')).toEqual([['DISCLOSURE', 'consent-1']]);
    expect(await kinds('consent-2')).toEqual([
      ['REFUSAL', 'consent-2'],
      ['DISCLOSURE', 'consent-2'],
    ]);
  });

  it('shows a consent change once that two processes published at the same moment', async () => {
    const log = await open();
    await log.append(change());
    await log.append(change());
    await log.append(intent());
    await expect(log.forSubject('subject-1', { first: 10, consent: 'consent-1' })).resolves.toMatchObject([
      { kind: 'DISCLOSURE' },
      { kind: 'CONSENT' },
    ]);
    await expect(log.forSubject('subject-1', { first: 2, consent: 'consent-1' })).resolves.toHaveLength(2);
  });

  it('shows logins and checks to their subject, and nothing of anybody else', async () => {
    const log = await open();
    await log.append(login());
    await log.append(login({ subject: null, outcome: 'FAILED' }));
    await log.append(check());
    await log.append(intent({ subject: 'subject-2' }));
    await expect(log.forSubject('subject-1', { first: 10 })).resolves.toMatchObject([
      { kind: 'CHECK', check: { agency: 'moi', predicate: 'household-number' }, client: null },
      { kind: 'LOGIN', login: { method: 'citizen-certificate', outcome: 'PROVED' } },
    ]);
    await expect(log.forSubject('subject-3', { first: 10 })).resolves.toEqual([]);
  });

  it('pages in a stable order while the log grows, over batches and processes', async () => {
    const log = await open();
    const requests = Array.from({ length: 23 }, (_, number) => `request-${number}`);
    await Promise.all(requests.slice(0, 9).map((request) => log.append(intent({ request }))));
    await close(log);
    database.clock.now += 1;
    const next = await open();
    for (const request of requests.slice(9)) await next.append(intent({ request }));
    const seen: AccessEntry[] = [];
    for (let after: string | undefined; ;) {
      const page = await next.forSubject('subject-1', { first: 4, after });
      seen.push(...page);
      if (page.length < 4) break;
      after = page.at(-1)?.id;
      await next.append(intent({ request: 'later' }));
    }
    expect(seen.map(({ request }) => request)).toEqual([...requests].reverse());
  });

  it('filters kinds without losing places', async () => {
    const log = await open();
    for (let number = 0; number < 6; number += 1) {
      await log.append(login());
      await log.append(intent({ request: `request-${number}` }));
    }
    const first = await log.forSubject('subject-1', { first: 1, kinds: ['DISCLOSURE'] });
    const rest = await log.forSubject('subject-1', { first: 100, kinds: ['DISCLOSURE'], after: first[0]?.id });
    expect([...first, ...rest].map(({ request }) => request)).toEqual([5, 4, 3, 2, 1, 0].map((number) => `request-${number}`));
    await expect(log.forSubject('subject-1', { first: 3, kinds: ['REFUSAL'] })).resolves.toEqual([]);
  });

  it('refuses a page that is none', async () => {
    const log = await open();
    for (const page of [
      { first: 0 },
      { first: 101 },
      { first: 1.5 },
      { first: 1, after: '' },
      { first: 1, after: 'x.1' },
      { first: 1, after: `${'0'.repeat(15)}.s.${'0'.repeat(10)}.-1` },
    ]) {
      await expect(log.forSubject('subject-1', page)).rejects.toMatchObject({ code: 'REQUEST_MALFORMED' });
    }
  });

  it('signs heads over all shards that verify with the log', async () => {
    const log = await open();
    await Promise.all(Array.from({ length: 40 }, () => log.append(intent())));
    await close(log);
    const next = await open();
    await next.append(intent());
    await next.flush();
    const heads = await readHeads();
    const verification = await verifyAudit(storedLog(database.connection), heads);
    expect(verification).toMatchObject({ findings: [], more: 0, counts: { shards: 2, entries: 43, unsigned: 0, erased: 0 }, notes: [] });
    expect(heads.newest?.shards.size).toBe(2);
    await next.append(intent());
    await expect(verifyAudit(storedLog(database.connection), heads)).resolves.toMatchObject({ findings: [], counts: { unsigned: 1 } });
  });

  it('signs the shards of other processes on the same database', async () => {
    const log = await open({ alone: false });
    const other = await open({ alone: false, headFile: `${database.options.headFile}.other` });
    await other.append(intent());
    await log.append(intent());
    await log.flush();
    const { newest } = await readHeads();
    expect([...(newest?.shards.values() ?? [])].map(({ size }) => size)).toEqual([2, 2]);
  });

  it('says so when the store has less than was signed', async () => {
    const log = await open();
    await log.append(intent());
    await close(log);
    await batchModel(database.connection).deleteOne({ seq: 1 });
    const alarms: string[] = [];
    await open({ alarm: (sentence) => alarms.push(sentence) });
    expect(alarms).toEqual([expect.stringMatching(/is not what its signed head says/)]);
  });

  it('continues its heads file after an unfinished line, and begins anew after a damaged one', async () => {
    const { appendFile, writeFile } = await import('node:fs/promises');
    await close(await open());
    await appendFile(database.options.headFile, '{"jws":"eyJ');
    const alarms: string[] = [];
    await close(await open({ alarm: (sentence) => alarms.push(sentence) }));
    expect(alarms).toEqual([]);
    await expect(readHeads()).resolves.toMatchObject({ findings: [], count: 2 });
    const text = await readFile(database.options.headFile, 'utf8');
    await writeFile(database.options.headFile, text.replace('eyJ', 'eyK'));
    await close(await open({ alarm: (sentence) => alarms.push(sentence) }));
    expect(alarms).toEqual([expect.stringMatching(/cannot be continued/)]);
    const heads = await readHeads();
    expect(heads.findings.map(({ kind }) => kind)).toContain('HEAD_INVALID');
    expect(heads.newest?.shards.size).toBe(3);
  });

  it('refuses to open with a short pseudonym key, or where heads cannot be written', async () => {
    await expect(open({ pseudonymKey: Buffer.alloc(16) })).rejects.toMatchObject({ code: 'CONFIGURATION' });
    await expect(open({ headFile: `${database.options.headFile}/heads` })).resolves.toBeDefined();
    await expect(open({ headFile: database.folder })).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
  });

  it('refuses every entry when its store is gone, and still closes', async () => {
    const alarms: string[] = [];
    const log = await open({ patience: 50, alarm: (sentence) => alarms.push(sentence) });
    await log.append(intent());
    log.note(outcome('request-1'));
    await log.flush();
    await database.connection.close();
    await expect(log.append(intent())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await expect(log.append(intent())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await expect(log.flush()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await close(log);
    expect(alarms[0]).toMatch(/an audit write failed/i);
  });

  it('takes nothing after it has been closed', async () => {
    const log = await openAuditLog(database.options);
    await log.close();
    await expect(log.append(intent())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });
});
