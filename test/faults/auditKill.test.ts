import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connection } from 'mongoose';
import { openAuditLog } from '../../gateway/audit/auditLog.ts';
import { allBatches, batchModel } from '../../gateway/audit/batchModel.ts';
import { readHeadChain } from '../../gateway/audit/headChain.ts';
import { headKeysFile } from '../../gateway/audit/headFile.ts';
import { headKeys } from '../../gateway/audit/headForm.ts';
import { linesOf } from '../../gateway/audit/jsonLines.ts';
import { storedLog } from '../../gateway/audit/logSources.ts';
import { verifyAudit } from '../../gateway/audit/verify.ts';
import type { AuditBody, ShardOpened } from '../../gateway/domain/auditEntry.ts';
import { openStore } from '../../store/openStore.ts';
import { dropDatabase, NOON, randomId, testHeadKey } from '../fixtures/auditDatabase.ts';

const uri = process.env['MONGODB_URI'];
const ROUNDS = 3;
/** Killed after so many acknowledged entries: early, in the middle of heads, and late. */
const AFTER = [1, 300, 1500];

let folder: string;
let place: { dataDir: string; name: string; headFile: string; uri?: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-kill-'));
  const name = uri === undefined ? 'audit' : `audit_kill_${randomBytes(6).toString('hex')}`;
  place = { dataDir: join(folder, 'data'), name, headFile: join(folder, 'heads.jsonl'), ...(uri === undefined ? {} : { uri }) };
});

afterAll(async () => {
  if (uri !== undefined) await dropDatabase(uri, place.name);
  await rm(folder, { recursive: true, force: true });
});

/** Request ids that were acknowledged before the process was killed. */
async function appendUntilKilled(after: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'auditKillChild.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify({ ...place, headKey: testHeadKey })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'open') acknowledged.push(line);
    if (acknowledged.length === after) child.kill('SIGKILL');
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

async function withDatabase<T>(work: (connection: Connection, ownsAllWrites: boolean) => Promise<T>): Promise<T> {
  const store = await openStore({ dataDir: place.dataDir, ...(uri === undefined ? {} : { uri }) });
  try {
    return await work(await store.database(place.name), store.ownsAllWrites);
  } finally {
    await store.close();
  }
}

async function bodies(connection: Connection): Promise<AuditBody[]> {
  const all: AuditBody[] = [];
  for await (const { entries } of allBatches(batchModel(connection)))
    all.push(...entries.map(({ body }) => JSON.parse(body ?? 'null') as AuditBody));
  return all;
}

async function verified(connection: Connection) {
  const keys = await headKeys(JSON.parse(await readFile(headKeysFile(place.headFile), 'utf8')));
  return verifyAudit(storedLog(connection), await readHeadChain(linesOf(place.headFile), keys));
}

describe('an audit log whose process is killed', () => {
  it('has every acknowledged entry, verifies, and goes on in a shard that names the one before', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      acknowledged.push(...(await appendUntilKilled(AFTER[round] ?? 1)));
      await withDatabase(async (connection) => {
        const stored = new Set((await bodies(connection)).map(({ request }) => request));
        expect(acknowledged.filter((request) => !stored.has(request))).toEqual([]);
        expect((await verified(connection)).findings).toEqual([]);
      });
    }
    await withDatabase(async (connection, alone) => {
      const log = await openAuditLog({
        connection,
        now: () => NOON,
        randomId,
        randomBytes: (length) => Buffer.alloc(length, 3),
        pseudonymKey: Buffer.alloc(32, 7),
        headKey: testHeadKey,
        headFile: place.headFile,
        alone,
      });
      await log.close();
      const shards = (await bodies(connection)).filter((body): body is ShardOpened => body.kind === 'SHARD_OPENED');
      expect(shards).toHaveLength(ROUNDS + 1);
      const ids = new Set(shards.map(({ request }) => request));
      expect(shards.filter(({ follows }) => follows === null)).toHaveLength(1);
      expect(shards.every(({ follows }) => follows === null || ids.has(follows))).toBe(true);
      expect(new Set(shards.map(({ follows }) => follows)).size).toBe(ROUNDS + 1);
      await expect(verified(connection)).resolves.toMatchObject({ findings: [], counts: { shards: ROUNDS + 1, unsigned: 0 } });
    });
  }, 120_000);
});
