import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '../../store/openStore.ts';

interface Pair {
  _id: string;
  key?: string;
  left?: number;
  right?: number;
  triple?: string;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-kill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function startWriter(dataDir: string, round: string): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const script = join(import.meta.dirname, 'storeKillChild.ts');
  return spawn(process.execPath, ['--import', 'tsx', script, dataDir, round], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What was acknowledged before the kill, which comes after so many lines. */
async function writeUntilKilled(dataDir: string, round: string, after: number): Promise<string[]> {
  const child = startWriter(dataDir, round);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === after) child.kill('SIGKILL');
  }
  if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return lines;
}

async function readAll(dataDir: string): Promise<{ byScan: Map<string, Pair>; byIndex: Map<string, string> }> {
  const store = await openStore({ dataDir });
  const pairs = (await store.database('hub')).collection<Pair>('pairs');
  const byScan = new Map((await pairs.find({}).toArray()).map((pair) => [pair._id, pair]));
  const byIndex = new Map((await pairs.find({ key: { $gte: '' } }).toArray()).map((pair) => [pair.key ?? '', pair._id]));
  await store.close();
  return { byScan, byIndex };
}

describe('kill -9 while 16 writes are in flight', () => {
  it('loses nothing that was acknowledged, and leaves nothing half done', async () => {
    const dataDir = join(folder, 'killed');
    const acknowledged: string[] = [];
    for (const [round, after] of [2, 150, 900, 1600].entries()) {
      acknowledged.push(...(await writeUntilKilled(dataDir, `r${round}`, after)));
      const { byScan, byIndex } = await readAll(dataDir);
      const deleted = new Set(acknowledged.filter((line) => line.startsWith('deleted ')).map((line) => line.slice(8)));
      for (const line of acknowledged) {
        const [what = '', id = ''] = line.split(' ');
        const pair = byScan.get(id);
        if (what === 'deleted') expect([id, pair]).toEqual([id, undefined]);
        // A deletion may be done and its acknowledgement not yet seen; its turn is the third.
        if (what === 'created' && Number(id.split('-w')[1]?.split('-')[1]) % 3 !== 2) expect([id, pair?._id]).toEqual([id, id]);
        if (what === 'changed' && pair) expect(pair).toMatchObject({ left: pair.right, key: `new ${id}` });
        if (what === 'tripled') for (const part of 'abc') expect(byScan.has(`${id}-${part}`)).toBe(true);
      }
      for (const pair of byScan.values()) {
        if (pair.triple !== undefined) for (const part of 'abc') expect(byScan.has(`${pair.triple}-${part}`)).toBe(true);
        else {
          expect(pair.left).toBe(pair.right);
          expect(pair.key).toBe(`${pair.left === 0 ? 'key' : 'new'} ${pair._id}`);
          expect(byIndex.get(pair.key ?? '')).toBe(pair._id);
          expect(deleted.has(pair._id)).toBe(false);
        }
      }
      expect(byIndex.size).toBe([...byScan.values()].filter(({ key }) => key !== undefined).length);
    }
  }, 120_000);
});

describe('the lock of a database file', () => {
  it('tells a second process the pid of the first, and is free when the first is dead', async () => {
    const dataDir = join(folder, 'locked');
    const child = startWriter(dataDir, 'r0');
    await once(child.stdout, 'data');
    const second = await openStore({ dataDir });
    await expect(second.database('hub')).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      detail: expect.stringContaining(`process ${child.pid}`),
    });
    await expect(second.database('audit')).resolves.toMatchObject({ name: 'audit' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(second.database('hub')).resolves.toMatchObject({ name: 'hub' });
    await second.close();
  }, 60_000);

  it('holds within one process, until the store is closed', async () => {
    const dataDir = join(folder, 'twice');
    const first = await openStore({ dataDir });
    await first.database('hub');
    const second = await openStore({ dataDir });
    await expect(second.database('hub')).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      detail: expect.stringContaining(`process ${process.pid}`),
    });
    await first.close();
    await second.database('hub');
    await second.close();
  });
});

/** A closed store with some documents in it; gives its one file. */
async function filled(name: string): Promise<{ dataDir: string; file: string }> {
  const dataDir = join(folder, name);
  const store = await openStore({ dataDir });
  const pairs = (await store.database('hub')).collection<Pair>('pairs');
  await pairs.createIndex({ key: 1 });
  await pairs.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: `p${n}`, key: `k${n}`.repeat(20) })));
  await store.close();
  return { dataDir, file: join(dataDir, 'hub.db') };
}

describe('a damaged store', () => {
  it.each([
    [
      'the head overwritten',
      async (file: string) => writeFile(file, Buffer.concat([Buffer.alloc(100, 0x5a), (await readFile(file)).subarray(100)])),
    ],
    ['a page in the middle overwritten', async (file: string) => writeFile(file, (await readFile(file)).fill(0x5a, 8 * 4096, 9 * 4096))],
    ['the end cut off', async (file: string) => truncate(file, 3 * 4096)],
    ['no database at all', (file: string) => writeFile(file, 'to be or not to be')],
  ])('is refused by the name of its file and stays as it is: %s', async (what, damage) => {
    const { dataDir, file } = await filled(what.replaceAll(' ', '-'));
    await damage(file);
    const before = await readFile(file);
    const store = await openStore({ dataDir });
    await expect(store.database('hub')).rejects.toMatchObject({ code: 'STORE_CORRUPT', detail: expect.stringContaining(file) });
    await store.close();
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it('is told when one document is not what was written, while the others are still read', async () => {
    const { dataDir, file } = await filled('one-byte');
    const bytes = await readFile(file);
    for (let at = bytes.indexOf('k250k250'); at !== -1; at = bytes.indexOf('k250k250', at + 1)) bytes[at] = 0x4b;
    await writeFile(file, bytes);
    const store = await openStore({ dataDir });
    const pairs = (await store.database('hub')).collection<Pair>('pairs');
    expect((await pairs.findOne({ _id: 'p249' }))?.key).toBe('k249'.repeat(20));
    const damaged = expect.objectContaining({ code: 'STORE_CORRUPT', detail: file });
    await expect(pairs.findOne({ _id: 'p250' })).rejects.toEqual(damaged);
    await expect(pairs.updateOne({ _id: 'p250' }, { $set: { left: 1 } })).rejects.toEqual(damaged);
    await expect(pairs.countDocuments({ left: 1 })).rejects.toEqual(damaged);
    await pairs.updateOne({ _id: 'p249' }, { $set: { left: 1 } });
    await store.close();
  });

  it('is refused when it was written by a later version', async () => {
    const { dataDir, file } = await filled('later');
    const bytes = await readFile(file);
    bytes.writeUInt32BE(99, 60);
    await writeFile(file, bytes);
    const store = await openStore({ dataDir });
    await expect(store.database('hub')).rejects.toMatchObject({ code: 'STORE_CORRUPT', detail: expect.stringContaining('form 99') });
    await store.close();
  });
});

describe('a folder that cannot be written', () => {
  it('is named', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const dataDir = join(file, 'data');
    const store = await openStore({ dataDir });
    await expect(store.database('hub')).rejects.toMatchObject({ code: 'STORE_UNWRITABLE', detail: expect.stringContaining(dataDir) });
    await store.close();
  });

  it('does not stop a later try', async () => {
    const dataDir = join(folder, 'sometimes');
    await writeFile(dataDir, '');
    const store = await openStore({ dataDir });
    await expect(store.database('hub')).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
    await rm(dataDir);
    await store.database('hub');
    await store.close();
    expect(await readdir(dataDir)).toContain('hub.db');
  });
});
