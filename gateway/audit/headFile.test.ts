import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NOON, testHeadKey } from '../../test/fixtures/auditDatabase.ts';
import { sha256 } from '../../schema/canonical.ts';
import type { ShardHead } from './batch.ts';
import { readHeadChain } from './headChain.ts';
import { headKeysFile, openHeadFile, type HeadFile, type HeadKey } from './headFile.ts';
import { headKeys, type Head } from './headForm.ts';
import { linesOf } from './jsonLines.ts';

let folder: string;
let file: string;
let alarms: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-heads-'));
  file = join(folder, 'deep', 'heads.jsonl');
  alarms = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (key: HeadKey = testHeadKey): Promise<HeadFile> =>
  openHeadFile(
    file,
    key,
    () => NOON,
    (sentence) => alarms.push(sentence),
  );
const at = (seq: number): ShardHead => ({ seq, size: seq + 1, root: sha256(`root ${seq}`), hash: sha256(`hash ${seq}`) });
const payloads = async (): Promise<Head[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(Buffer.from((JSON.parse(line) as { jws: string }).jws.split('.')[1] ?? '', 'base64url').toString()) as Head);
const chain = async () => readHeadChain(linesOf(file), await headKeys(JSON.parse(await readFile(headKeysFile(file), 'utf8'))));

describe('headFile', () => {
  it('signs the shards as they were when asked, though they grow while the head is written', async () => {
    const heads = await open();
    const growing = new Map([['one', at(0)]]);
    const signing = heads.sign('one', growing);
    growing.set('one', at(1));
    await signing;
    await heads.sign('one', growing);
    await heads.close();
    expect((await payloads()).map(({ shards }) => shards['one']?.seq)).toEqual([0, 1]);
    await expect(chain()).resolves.toMatchObject({ findings: [], count: 2 });
  });

  it('lists every shard in its first head, then only what changed, also after a restart', async () => {
    const first = await open();
    await first.sign(
      'one',
      new Map([
        ['one', at(0)],
        ['old', at(7)],
      ]),
    );
    await first.sign(
      'one',
      new Map([
        ['one', at(1)],
        ['old', at(7)],
      ]),
    );
    await first.close();
    const second = await open();
    expect([...second.signed.keys()].sort()).toEqual(['old', 'one']);
    await second.sign('two', new Map([...second.signed, ['two', at(0)]]));
    await second.close();
    const heads = await payloads();
    expect(heads.map(({ n, full, by, count, size }) => ({ n, full, by, count, size }))).toEqual([
      { n: 0, full: true, by: 'one', count: 2, size: 9 },
      { n: 1, full: false, by: 'one', count: 2, size: 10 },
      { n: 2, full: false, by: 'two', count: 3, size: 11 },
    ]);
    expect(heads.map(({ shards }) => Object.keys(shards).sort())).toEqual([['old', 'one'], ['one'], ['two']]);
    await expect(chain()).resolves.toMatchObject({ count: 3, findings: [], notes: [] });
  });

  it('lists every shard again now and then, and needs no more of a long file', async () => {
    const writer = await open();
    for (let seq = 0; seq < 1003; seq += 1) await writer.sign('one', new Map([['one', at(seq)]]));
    await writer.close();
    expect((await payloads()).filter(({ full }) => full).map(({ n }) => n)).toEqual([0, 1000]);
    expect((await stat(file)).size).toBeGreaterThan(256 * 1024);
    const again = await open();
    expect(again.signed.get('one')).toEqual(at(1002));
    await again.close();
    await expect(chain()).resolves.toMatchObject({ count: 1003, findings: [] });
  });

  it('cuts off an unfinished line, and nothing else', async () => {
    const writer = await open();
    await writer.sign('one', new Map([['one', at(0)]]));
    await writer.close();
    const before = await readFile(file, 'utf8');
    await appendFile(file, before.slice(0, 40));
    await expect(chain()).resolves.toMatchObject({ findings: [], notes: [expect.stringMatching(/unfinished/)] });
    await (await open()).close();
    await expect(readFile(file, 'utf8')).resolves.toBe(before);
    expect(alarms).toEqual([]);
  });

  it('keeps the public keys beside it through a change of key, and never the private one', async () => {
    const writer = await open();
    await writer.sign('one', new Map([['one', at(0)]]));
    await writer.close();

    const next = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), kid: 'next' };
    const second = await open(next);
    await second.sign('two', new Map([...second.signed, ['two', at(0)]]));
    await second.close();
    const text = await readFile(headKeysFile(file), 'utf8');
    expect((JSON.parse(text) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)).toEqual(['test-heads', 'next']);
    expect(text).not.toContain('"d"');
    await expect(chain()).resolves.toMatchObject({ count: 2, findings: [] });
    expect(alarms).toEqual([]);
  });

  it('says that it cannot continue a damaged file, and that the keys beside it are damaged', async () => {
    const writer = await open();
    await writer.sign('one', new Map([['one', at(0)]]));
    await writer.close();
    await writeFile(file, 'not a head\n');
    const second = await open();
    expect(second.signed.size).toBe(0);
    await second.close();
    expect(alarms).toEqual([expect.stringMatching(/cannot be continued/)]);
    await writeFile(headKeysFile(file), '{');
    await expect(open()).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });
});
