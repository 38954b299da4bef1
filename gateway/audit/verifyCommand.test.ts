import { spawnSync } from 'node:child_process';
import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { intent } from '../../test/fixtures/auditBodies.ts';
import { NOON, randomId, testHeadKey } from '../../test/fixtures/auditDatabase.ts';
import { openStore } from '../../store/openStore.ts';
import { openAuditLog } from './auditLog.ts';
import type { Batch } from './batch.ts';
import { batchModel } from './batchModel.ts';
import { exportAudit } from './exportAudit.ts';
import { headKeysFile } from './headFile.ts';
import { verifyCommand } from './verifyCommand.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

/** A hub's folder after two runs, an export of it, and a copy of the heads from before the second. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-command-'));
  const store = await openStore({ dataDir: at('data') });
  const connection = await store.database('audit');
  const headFile = join(at('data'), 'audit-heads.jsonl');
  const options = {
    connection,
    now: () => NOON,
    randomId,
    randomBytes: (length: number) => Buffer.alloc(length, 3),
    pseudonymKey: Buffer.alloc(32, 7),
    headKey: testHeadKey,
    headFile,
    alone: true,
  };
  for (const run of [1, 2]) {
    if (run === 2) await copyFile(headFile, at('earlier.jsonl'));
    const log = await openAuditLog(options);
    for (let number = 0; number < 5; number += 1) await log.append(intent());
    await log.close();
  }
  await exportAudit(connection, at('export.jsonl'));
  await store.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const status = await verifyCommand(argv, { out: (text) => (out += text), err: (text) => (err += text) });
  return { status, out, err };
}

describe('audit:verify', () => {
  it("finds a stopped hub's folder whole, with its heads", async () => {
    await expect(run('--data', at('data'))).resolves.toEqual({
      status: 0,
      out: expect.stringMatching(
        /^Whole: 2 shards, 12 batches, 12 entries \(0 erased\), \d heads, the newest of 2026-03-02T01:00:00\.000Z\n$/,
      ),
      err: '',
    });
  });

  it('finds an export whole, and says what it cannot see without heads', async () => {
    const { status, out } = await run('--export', at('export.jsonl'));
    expect(status).toBe(0);
    expect(out).toMatch(/no heads were given/);
    expect(out).toMatch(/Whole: 2 shards, 12 batches, 12 entries/);
  });

  it('takes an earlier copy of the heads with a key from elsewhere, and says what is newer', async () => {
    await copyFile(headKeysFile(join(at('data'), 'audit-heads.jsonl')), at('key.json'));
    const { status, out } = await run('--export', at('export.jsonl'), '--heads', at('earlier.jsonl'), '--key', at('key.json'));
    expect(status).toBe(0);
    expect(out).toMatch(/6 entries at the end are newer than the heads/);
  });

  it('names what was altered and what was cut off, with status 1', async () => {
    const lines = (await readFile(at('export.jsonl'), 'utf8')).trimEnd().split('\n');
    const altered = (lines[3] ?? '').replace('student-aid', 'student-aix');
    const shard = /"shard":"([^"]+)"/.exec(altered)?.[1];
    const kept = lines.toSpliced(3, 1, altered);
    kept.splice(5, 1);
    await writeFile(at('tampered.jsonl'), `${kept.join('\n')}\n`);
    const { status, out } = await run('--export', at('tampered.jsonl'), '--heads', join(at('data'), 'audit-heads.jsonl'));
    expect(status).toBe(1);
    expect(out).toContain(`ALTERED: shard ${shard}, batch 3, entry 3: its body, salt or leaf was changed\n`);
    expect(out).toContain(`CUT_OFF: shard ${shard}, batch 5, entry 5: 1 entries are cut off at the end`);
    expect(out).toMatch(/2 findings: 2 shards/);
  });

  it('names what was altered in the store itself', async () => {
    const store = await openStore({ dataDir: at('data') });
    const model = batchModel(await store.database('audit'));
    const batch = await model.findOne({ seq: 2 }).lean<Batch>();
    await model.updateOne(
      { _id: batch?._id ?? '' },
      { $set: { entries: batch?.entries.map((entry) => ({ ...entry, body: entry.body?.replace('ONLINE', 'COUNTER') ?? null })) ?? [] } },
    );
    await store.close();
    const { status, out } = await run('--data', at('data'));
    expect(status).toBe(1);
    expect(out).toMatch(new RegExp(`ALTERED: shard ${batch?.shard}, batch 2, entry 2:`));
  });

  it('says what is wrong with its input, with status 2', async () => {
    await writeFile(at('empty.jsonl'), '');
    await writeFile(at('bad-key.json'), '{"kty":"RSA"}');
    const heads = at('earlier.jsonl');
    const cases: [string[], RegExp][] = [
      [[], /Give --export FILE or --data DIR/],
      [['--export', 'a', '--data', 'b'], /Give --export FILE or --data DIR/],
      [['--exprt', 'a'], /Unknown option/],
      [['--export', at('nothing.jsonl')], /Cannot read .*nothing\.jsonl/],
      [['--export', at('empty.jsonl')], /There is no audit log in it/],
      [['--data', at('nowhere')], /There is no audit database in/],
      [['--export', at('export.jsonl'), '--heads', at('nothing.jsonl')], /Cannot read .*nothing\.jsonl/],
      [['--export', at('export.jsonl'), '--heads', heads], /Cannot read the key file/],
      [['--export', at('export.jsonl'), '--heads', heads, '--key', at('bad-key.json')], /is not a P-256 public key/],
    ];
    for (const [argv, message] of cases) {
      const { status, out, err } = await run(...argv);
      expect({ argv, status, out }).toEqual({ argv, status: 2, out: '' });
      expect(err).toMatch(message);
      expect(err).not.toMatch(/ {4}at /);
    }
  });

  it('names every line of a file that is no export', async () => {
    await writeFile(at('other.jsonl'), 'hello\n{"a":1}\n\n');
    await appendFile(at('other.jsonl'), Buffer.from([0xff, 0x0a, 0x7b]));
    const { status, out } = await run('--export', at('other.jsonl'));
    expect(status).toBe(1);
    expect(out.match(/MALFORMED: line \d/g)).toEqual([
      'MALFORMED: line 1',
      'MALFORMED: line 2',
      'MALFORMED: line 3',
      'MALFORMED: line 4',
      'MALFORMED: line 5',
    ]);
  });

  it('is a command with an exit status', () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'verifyMain.ts'), '--export', at('export.jsonl')],
      { encoding: 'utf8' },
    );
    expect(stdout).toMatch(/Whole/);
    expect(status).toBe(0);
    const exported = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'exportMain.ts'), '--data', at('data'), '--out', at('again.jsonl')],
      { encoding: 'utf8' },
    );
    expect(exported.stdout).toMatch(/12 batches, 12 entries/);
  });
});
