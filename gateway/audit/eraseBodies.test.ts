import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { intent, login } from '../../test/fixtures/auditBodies.ts';
import { NOON, openAuditDatabase, randomId, type AuditDatabase } from '../../test/fixtures/auditDatabase.ts';
import { openAuditLog, type AuditLog } from './auditLog.ts';
import type { AuditBody } from '../domain/auditEntry.ts';
import { eraseBodies, type Over } from './eraseBodies.ts';
import { readHeadChain } from './headChain.ts';
import { headKeysFile } from './headFile.ts';
import { headKeys } from './headForm.ts';
import { linesOf } from './jsonLines.ts';
import { storedLog } from './logSources.ts';
import { verifyAudit } from './verify.ts';

let database: AuditDatabase;
let log: AuditLog;

beforeEach(async () => {
  database = await openAuditDatabase();
  log = await openAuditLog(database.options);
});

afterEach(async () => {
  await log.close();
  await database.close();
});

const erase = (
  over: (body: AuditBody) => boolean,
  { append = (body: AuditBody) => log.append(body), ...which }: Partial<Over> & { append?: (body: AuditBody) => Promise<void> } = {},
): Promise<number> =>
  eraseBodies(
    { connection: database.connection, append, now: database.options.now, randomId },
    { reason: 'kept for five years', over, ...which },
  );

async function verified() {
  await log.flush();
  const keys = await headKeys(JSON.parse(await readFile(headKeysFile(database.options.headFile), 'utf8')));
  return verifyAudit(storedLog(database.connection), await readHeadChain(linesOf(database.options.headFile), keys));
}

describe('eraseBodies', () => {
  it('erases what is over, and the log still verifies under the heads signed before', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, number) => log.append(intent({ at: NOON + number }))));
    await log.append(login({ at: NOON }));
    await log.flush();
    await expect(erase(({ kind, at }) => kind === 'DISCLOSURE_INTENT' && at < NOON + 200)).resolves.toBe(200);
    await expect(verified()).resolves.toMatchObject({ findings: [], counts: { erased: 200, entries: 303 } });
    await expect(log.forSubject('subject-1', { first: 100 })).resolves.toHaveLength(100);
    await expect(log.forSubject('subject-1', { first: 1, kinds: ['LOGIN'] })).resolves.toHaveLength(1);
  });

  it('erases nothing twice, and never the entries that hold the log together', async () => {
    await log.append(intent());
    await expect(erase(() => true)).resolves.toBe(1);
    await expect(erase(() => true)).resolves.toBe(0);
    await expect(verified()).resolves.toMatchObject({ findings: [], counts: { erased: 1, entries: 3 } });
  });

  it('erases nothing that it could not record', async () => {
    await log.append(intent());
    await expect(erase(() => true, { append: () => Promise.reject(new Error('not recorded')) })).rejects.toThrow('not recorded');
    await expect(verified()).resolves.toMatchObject({ findings: [], counts: { erased: 0 } });
  });

  it('records many scattered erasures in entries that are not too large', async () => {
    await Promise.all(Array.from({ length: 2500 }, (_, number) => log.append(intent({ at: NOON + number }))));
    await expect(erase(({ kind, at }) => kind === 'DISCLOSURE_INTENT' && at % 2 === 0)).resolves.toBe(1250);
    await expect(verified()).resolves.toMatchObject({ findings: [], counts: { erased: 1250 } });
  });

  it('looks at what was written in a time, in several shards at once', async () => {
    const other = await openAuditLog({ ...database.options, headFile: `${database.options.headFile}.other` });
    const write = (time: number) => {
      database.clock.now = time;
      return Promise.all([log, other].map((one) => one.append(intent({ at: time }))));
    };
    await write(NOON + 1000);
    await write(NOON + 2000);
    await write(NOON + 3000);
    await expect(erase(() => true, { from: NOON + 1001, before: NOON + 3000 })).resolves.toBe(2);
    await expect(erase(() => true, { before: NOON + 3000 })).resolves.toBe(2);
    await expect(log.forSubject('subject-1', { first: 100 })).resolves.toHaveLength(2);
    await other.close();
    await expect(verified()).resolves.toMatchObject({ findings: [], counts: { erased: 4 } });
  });

  it('stops between two batches when it is told to', async () => {
    await log.append(intent());
    await expect(erase(() => true, { signal: AbortSignal.abort() })).resolves.toBe(0);
  });
});
