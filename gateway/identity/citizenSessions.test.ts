import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openHubDatabase, type HubDatabase } from '../../test/fixtures/hubDatabase.ts';
import { openCitizenSessions } from './citizenSessions.ts';
import { createVault } from './vault.ts';

const START = Date.UTC(2026, 0, 15, 8);
const key = { kid: 'seal-1', key: Buffer.alloc(32, 2) };
const session = JSON.stringify({ authorization: { accessToken: 'eyJ-a-token-of-a-citizen' } });
let database: HubDatabase;
let now = START;

const open = (seal = [key]) =>
  openCitizenSessions(database.connection, {
    vault: createVault({ index: Buffer.alloc(32, 1), seal }, randomBytes),
    now: () => now,
    randomBytes,
  });
const stored = () => database.connection.collection('citizen_sessions').find({}).toArray();

beforeAll(async () => {
  database = await openHubDatabase();
});
afterAll(() => database.close());

describe('a session of the citizen’s own client', () => {
  it('is found under its id by every gateway, and by nobody under another', async () => {
    const id = await (await open()).begin(session, START + 1000);
    expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await (await open()).read(id)).toBe(session);
    expect(await (await open()).read('')).toBeNull();
    expect(await (await open()).read(`${id.slice(0, -1)}_`)).toBeNull();
  });

  it('is of no use to whoever reads the store: neither the id nor what it holds is there', async () => {
    const sessions = await open();
    const id = await sessions.begin(session, START + 1000);
    const dump = JSON.stringify(await stored());
    expect(dump).not.toContain(id);
    expect(dump).not.toContain('token');
    for (const { _id } of await stored()) expect(await sessions.read(String(_id))).toBeNull();
  });

  it('ends when it is told to, and when its time is over; the sweep takes it away', async () => {
    const sessions = await open();
    const [ended, over] = [await sessions.begin(session, START + 1000), await sessions.begin(session, START + 1000)];
    await sessions.end(ended);
    expect([await sessions.read(ended), await sessions.read(over)]).toEqual([null, session]);
    now = START + 1000;
    expect(await sessions.read(over)).toBeNull();
    await sessions.sweep(now);
    expect(await stored()).toEqual([]);
    now = START;
  });

  it('does not open when it was altered, moved to another id, or its key is gone: she signs in again', async () => {
    const sessions = await open();
    const [one, other] = [await sessions.begin(session, START + 1000), await sessions.begin('another', START + 1000)];
    const collection = database.connection.collection('citizen_sessions');
    const [first, second] = await stored();
    if (first === undefined) throw new Error('nothing is stored');
    await collection.updateOne({ _id: first._id }, { $set: { sealed: second?.['sealed'] } });
    expect([await sessions.read(one), await sessions.read(other)].filter((found) => found !== null)).toHaveLength(1);
    const rotated = await open([{ kid: 'seal-2', key: Buffer.alloc(32, 3) }]);
    expect([await rotated.read(one), await rotated.read(other)]).toEqual([null, null]);
  });

  it('is bounded', async () => {
    await expect((await open()).begin('x'.repeat(16_385), START + 1000)).rejects.toThrow(RangeError);
  });
});
