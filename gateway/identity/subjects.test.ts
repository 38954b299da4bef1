import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openHubDatabase, type HubDatabase } from '../../test/fixtures/hubDatabase.ts';
import { openPhoneBindings } from './phoneBindings.ts';
import { openSubjects } from './subjects.ts';
import { createVault } from './vault.ts';

const index = Buffer.alloc(32, 1);
const old = { kid: 'seal-1', key: Buffer.alloc(32, 2) };
const next = { kid: 'seal-2', key: Buffer.alloc(32, 3) };
const randomId = (): string => randomBytes(16).toString('base64url');
const anna = { kind: 'NATIONAL_ID', value: 'A223456781' } as const;

let database: HubDatabase;
beforeAll(async () => {
  database = await openHubDatabase();
});
afterAll(() => database.close());

const open = (seal = [old]) => openSubjects(database.connection, createVault({ index, seal }, randomBytes), randomId);

describe('the subjects', () => {
  it('are enrolled once, also when twenty proofs come at the same time', async () => {
    const subjects = await open();
    expect(await subjects.find(anna)).toBeNull();
    const ids = await Promise.all(Array.from({ length: 20 }, () => subjects.enrol(anna)));
    expect(new Set(ids).size).toBe(1);
    expect(await subjects.find(anna)).toBe(ids[0]);
    expect(await subjects.enrol(anna)).toBe(ids[0]);
  });

  it('give back the key of the registers, and their standing', async () => {
    const subjects = await open();
    const id = await subjects.enrol(anna);
    expect(await subjects.read(id)).toEqual({ state: 'ACTIVE', nid: anna });
    expect(await subjects.setState(id, 'FROZEN')).toBe(true);
    expect(await subjects.read(id)).toMatchObject({ state: 'FROZEN' });
    expect(await subjects.setState(id, 'ACTIVE')).toBe(true);
    expect(await subjects.read('no-such-subject')).toBeNull();
    expect(await subjects.setState('no-such-subject', 'FROZEN')).toBe(false);
  });

  it('keep the same number of another kind apart', async () => {
    const subjects = await open();
    expect(await subjects.enrol({ kind: 'UI_NUMBER', value: anna.value })).not.toBe(await subjects.enrol(anna));
  });

  it('are sealed again under a new key, and then need no old one', async () => {
    const id = await (await open()).enrol(anna);
    const rotated = await open([next, old]);
    expect(await rotated.read(id)).toMatchObject({ nid: anna });
    expect(await rotated.reseal()).toBeGreaterThan(0);
    expect(await rotated.reseal()).toBe(0);
    expect(await (await open([next])).read(id)).toMatchObject({ nid: anna });
  });
});

describe('the phone bindings', () => {
  it('hold one number per subject, the latest', async () => {
    const bindings = await openPhoneBindings(database.connection, createVault({ index, seal: [old] }, randomBytes));
    await bindings.bind('subject-1', '0900000001', 1);
    await bindings.bind('subject-1', '0900000002', 2);
    await bindings.bind('subject-2', '0900000002', 3);
    expect(await bindings.isBound('subject-1', '0900000001')).toBe(false);
    expect(await bindings.isBound('subject-1', '0900000002')).toBe(true);
    expect(await bindings.isBound('subject-3', '0900000002')).toBe(false);
    expect(await bindings.read('subject-1')).toBe('0900000002');
    await bindings.remove('subject-1');
    expect(await bindings.read('subject-1')).toBeNull();
  });
});
