import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { intent, login } from '../test/fixtures/auditBodies.ts';
import { NOON, openAuditDatabase, randomId, type AuditDatabase } from '../test/fixtures/auditDatabase.ts';
import { openAuditLog, type AuditLog } from './audit/auditLog.ts';
import { dailyErasure } from './retention.ts';

const DAY = 86_400_000;
const KEEP = { consents: 100, disclosures: 50, logins: 10 };
let database: AuditDatabase;
let log: AuditLog;
let endedBefore: number[];

beforeEach(async () => {
  database = await openAuditDatabase();
  log = await openAuditLog(database.options);
  endedBefore = [];
});
afterEach(async () => {
  await log.close();
  await database.close();
});

const eraser = (signal = new AbortController().signal) =>
  dailyErasure({
    keep: KEEP,
    consents: { erase: async (before) => endedBefore.push(before) },
    connection: database.connection,
    append: (body) => log.append(body),
    now: database.options.now,
    randomId,
    signal,
  });
const at = (day: number): number => (database.clock.now = NOON + day * DAY);
const kinds = async () => (await log.forSubject('subject-1', { first: 100 })).map(({ kind }) => kind);

describe('what was kept long enough', () => {
  it('goes: consents, disclosures and logins, each after its own time', async () => {
    const erase = eraser();
    await log.append(intent({ at: at(0) }));
    await log.append(login({ at: at(0) }));
    at(10);
    await erase();
    expect(await kinds()).toEqual(['LOGIN', 'DISCLOSURE']);
    at(11);
    await erase();
    expect(await kinds()).toEqual(['DISCLOSURE']);
    at(51);
    await erase();
    expect(await kinds()).toEqual([]);
    expect(endedBefore).toEqual([10, 11, 51].map((day) => NOON + (day - KEEP.consents) * DAY));
  });

  it('is looked for once a day, by a restarted hub from the beginning', async () => {
    const erase = eraser();
    at(0);
    await erase();
    await log.append(login({ at: NOON }));
    database.clock.now = NOON + DAY - 1;
    await erase();
    expect(endedBefore).toHaveLength(1);
    at(11);
    await Promise.all([erase(), erase(), eraser()()]);
    expect(endedBefore).toHaveLength(3);
    expect(await kinds()).toEqual([]);
  });

  it('is tried again at the next sweep when it could not be done, and stays when the hub closes', async () => {
    await log.append(login({ at: at(0) }));
    at(11);
    let fail = true;
    const erase = dailyErasure({
      keep: KEEP,
      consents: { erase: () => (fail ? Promise.reject(new Error('the store is away')) : Promise.resolve(0)) },
      connection: database.connection,
      append: (body) => log.append(body),
      now: database.options.now,
      randomId,
      signal: new AbortController().signal,
    });
    await expect(erase()).rejects.toThrow('the store is away');
    await eraser(AbortSignal.abort())();
    expect(await kinds()).toEqual(['LOGIN']);
    fail = false;
    await erase();
    expect(await kinds()).toEqual([]);
  });
});
