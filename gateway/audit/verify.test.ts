import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { intent } from '../../test/fixtures/auditBodies.ts';
import { NOON, testHeadKey } from '../../test/fixtures/auditDatabase.ts';
import {
  a,
  b,
  c,
  erase,
  forge,
  headOf,
  KEY,
  LOG,
  replaced,
  salts,
  shardOf,
  signSample,
  stored,
  withEntries,
  type SampleHeads,
} from '../../test/fixtures/sampleAuditLog.ts';
import { draftOf, nextBatch, NO_TAIL, type Batch, type StoredEntry, type Tail } from './batch.ts';
import type { Finding } from './finding.ts';
import { joinHeadChains, type HeadChain } from './headChain.ts';
import { openHeadFile } from './headFile.ts';
import { grow, rootOf } from './merkleTree.ts';
import { verifyAudit } from './verify.ts';

let sample: SampleHeads;

beforeAll(async () => {
  sample = await signSample();
});

afterAll(() => sample.close());

const findingsIn = async (batches: readonly unknown[], signed: HeadChain | null = sample.chain): Promise<readonly Finding[]> =>
  (await verifyAudit(stored(batches), signed)).findings;

describe('verify', () => {
  it('finds nothing in a whole log, erased bodies included', async () => {
    const { findings, counts, notes } = await verifyAudit(stored(LOG), sample.chain);
    expect(findings).toEqual([]);
    expect(notes).toEqual([]);
    expect(counts).toEqual({ shards: 3, batches: 10, entries: 30, erased: 2, heads: 9, unsigned: 0 });
  });

  it('finds nothing without sample.chain, and says what no head covers', async () => {
    await expect(verifyAudit(stored(LOG), null)).resolves.toMatchObject({ findings: [], counts: { unsigned: 30 } });
  });

  it('names an altered entry by shard, batch and index', async () => {
    const tampered = withEntries(a[3] as Batch, (entries) =>
      entries.map((entry) => (entry.index === 10 ? { ...entry, body: entry.body?.replace('mohw', 'mohx') ?? null } : entry)),
    );
    await expect(findingsIn(replaced(a[3] as Batch, tampered))).resolves.toEqual([
      expect.objectContaining({ kind: 'ALTERED', shard: 'shard-a', seq: 3, index: 10 }),
    ]);
  });

  it('names a removed entry', async () => {
    const tampered = withEntries(a[3] as Batch, (entries) => entries.filter(({ index }) => index !== 9));
    await expect(findingsIn(replaced(a[3] as Batch, tampered))).resolves.toContainEqual(
      expect.objectContaining({ kind: 'REMOVED', shard: 'shard-a', seq: 3, index: 9 }),
    );
  });

  it('names reordered entries', async () => {
    const tampered = withEntries(b[1] as Batch, (entries) => [entries[1], entries[0], ...entries.slice(2)] as StoredEntry[]);
    await expect(findingsIn(replaced(b[1] as Batch, tampered))).resolves.toContainEqual(
      expect.objectContaining({ kind: 'REORDERED', shard: 'shard-b', seq: 1, index: 2 }),
    );
  });

  it('finds reordered entries that were numbered anew', async () => {
    const tampered = withEntries(b[1] as Batch, (entries) =>
      [entries[1], entries[0], ...entries.slice(2)].map((entry, place) => ({ ...(entry as StoredEntry), index: place + 1 })),
    );
    await expect(findingsIn(replaced(b[1] as Batch, tampered))).resolves.toEqual([
      expect.objectContaining({ kind: 'ALTERED', shard: 'shard-b', seq: 1 }),
    ]);
  });

  it('names an entry that is there twice', async () => {
    const tampered = withEntries(b[2] as Batch, (entries) => [...entries, entries[0] as StoredEntry]);
    await expect(findingsIn(replaced(b[2] as Batch, tampered))).resolves.toContainEqual(
      expect.objectContaining({ kind: 'INSERTED', shard: 'shard-b', seq: 2 }),
    );
  });

  it('names a removed batch and its entries', async () => {
    await expect(findingsIn(replaced(a[2] as Batch))).resolves.toEqual([
      expect.objectContaining({ kind: 'REMOVED', shard: 'shard-a', seq: 2, index: 7, detail: expect.stringContaining('7 to 7') }),
    ]);
  });

  it('names a batch that is there twice, and batches in another order', async () => {
    await expect(findingsIn(replaced(a[2] as Batch, a[2] as Batch, a[2] as Batch))).resolves.toEqual([
      expect.objectContaining({ kind: 'INSERTED', shard: 'shard-a', seq: 2 }),
    ]);
    const [zero, one, two, ...rest] = LOG;
    await expect(findingsIn([zero, two, one, ...rest])).resolves.toContainEqual(
      expect.objectContaining({ kind: 'REORDERED', shard: 'shard-a', seq: 1 }),
    );
  });

  it('says what was cut off at the end, from an earlier head', async () => {
    await expect(findingsIn(LOG.slice(0, -1))).resolves.toEqual([
      expect.objectContaining({
        kind: 'CUT_OFF',
        shard: 'shard-c',
        seq: 1,
        index: 2,
        detail: expect.stringContaining('2 entries are cut off'),
      }),
    ]);
    await expect(findingsIn(LOG.slice(0, -1), null)).resolves.toEqual([]);
  });

  it('sees a cut at the end of an earlier shard even without heads', async () => {
    await expect(findingsIn(replaced(a.at(-1) as Batch), null)).resolves.toEqual([
      expect.objectContaining({ kind: 'CUT_OFF', shard: 'shard-a', seq: 4, index: 14 }),
    ]);
  });

  it('names a missing shard: by the one that follows it, and the newest by a head', async () => {
    await expect(findingsIn([...a, ...c], null)).resolves.toEqual([
      expect.objectContaining({ kind: 'MISSING_SHARD', shard: 'shard-b' }),
      expect.objectContaining({ kind: 'UNRECORDED_ERASURE', shard: 'shard-a', index: 3, detail: expect.stringContaining('3 to 4') }),
    ]);
    await expect(findingsIn([...a, ...b])).resolves.toEqual([expect.objectContaining({ kind: 'MISSING_SHARD', shard: 'shard-c' })]);
  });

  it('names an erased body that no entry records', async () => {
    await expect(findingsIn(replaced(c[1] as Batch, erase(c[1] as Batch, [3])))).resolves.toEqual([
      expect.objectContaining({ kind: 'UNRECORDED_ERASURE', shard: 'shard-c', index: 3 }),
    ]);
  });

  it('finds keys that would hide an entry from its subject, and a wrong id', async () => {
    const batch = c[1] as Batch;
    await expect(findingsIn(replaced(batch, { ...batch, keys: batch.keys.slice(1) }))).resolves.toEqual([
      expect.objectContaining({ kind: 'ALTERED', shard: 'shard-c', seq: 1 }),
    ]);
    await expect(findingsIn(replaced(batch, { ...batch, _id: `${batch._id}0` }))).resolves.toEqual([
      expect.objectContaining({ kind: 'ALTERED', shard: 'shard-c', seq: 1 }),
    ]);
  });

  it('finds a history that was written anew, every hash fitting, by its heads alone', async () => {
    const forged = forge(
      c,
      (entries) =>
        entries.map(({ salt, body }, place) => (place === 0 ? { salt, body: body.replace('consent-1', 'consent-9') } : { salt, body })),
      1,
    );
    await expect(findingsIn([...a, ...b, ...forged], null)).resolves.toEqual([]);
    await expect(findingsIn([...a, ...b, ...forged])).resolves.toEqual([
      expect.objectContaining({ kind: 'ALTERED', shard: 'shard-c', seq: 1, detail: expect.stringContaining('signed at') }),
    ]);
  });

  it('finds entries and shards added later under an old time', async () => {
    const last = b.at(-1) as Batch;
    const tail: Tail = {
      seq: last.seq,
      at: last.at,
      hash: last.head.hash,
      frontier: b.flatMap(({ entries }) => entries).reduce((tree, { leaf }) => growLeaf(tree, leaf), NO_TAIL.frontier),
    };
    expect(rootOf(tail.frontier).toString('base64url')).toBe(last.head.root);
    const added = nextBatch('shard-b', tail, [draftOf(intent(), KEY)], salts(16), last.at).batch;
    const later = { ...sample.chain, newest: { at: NOON + 3_600_000, shards: sample.chain.newest?.shards ?? new Map() } };
    await expect(findingsIn([...LOG, added], later)).resolves.toEqual([
      expect.objectContaining({ kind: 'INSERTED', shard: 'shard-b', seq: 3, index: 10 }),
    ]);
    await expect(findingsIn([...LOG, ...shardOf('shard-x', null, [2], NOON)], later)).resolves.toEqual([
      expect.objectContaining({ kind: 'INSERTED', shard: 'shard-x' }),
    ]);
  });

  it('names what is no batch at all', async () => {
    await expect(findingsIn([...LOG, { hello: 'world' }, { ...a[0], more: 1 }])).resolves.toEqual([
      expect.objectContaining({ kind: 'MALFORMED', detail: expect.stringContaining('document 10') }),
      expect.objectContaining({ kind: 'MALFORMED', detail: expect.stringContaining('document 11') }),
    ]);
  });

  it('lists a thousand findings and counts the others', async () => {
    const { findings, more } = await verifyAudit(stored(Array.from({ length: 1500 }, () => null)), null);
    expect([findings.length, more]).toEqual([1000, 500]);
  });

  it('joins an earlier copy of the heads with the present one', async () => {
    const earlier = await sample.chainOf(sample.text.split('\n').slice(0, 4).join('\n') + '\n');
    expect(joinHeadChains([earlier, sample.chain])).toMatchObject({ findings: [], count: 13, newest: { at: sample.chain.newest?.at } });
    await expect(findingsIn(LOG, joinHeadChains([earlier, sample.chain]))).resolves.toEqual([]);
    await expect(findingsIn(a.slice(0, 2), earlier)).resolves.toContainEqual(
      expect.objectContaining({ kind: 'CUT_OFF', shard: 'shard-a' }),
    );
  });

  it('names a head that was altered, removed, moved or signed by somebody else', async () => {
    const [one, two, three, ...rest] = sample.text.trimEnd().split('\n') as [string, string, string];
    const kinds = async (all: readonly string[]) => (await sample.chainOf(`${all.join('\n')}\n`)).findings.map(({ kind }) => kind);
    await expect(kinds([one, two, three, ...rest])).resolves.toEqual([]);
    expect(new Set(await kinds([one, three, ...rest]))).toEqual(new Set(['HEAD_INVALID']));
    expect(new Set(await kinds([one, three, two, ...rest]))).toEqual(new Set(['HEAD_INVALID']));
    expect(new Set(await kinds([two, three, ...rest]))).toEqual(new Set(['HEAD_INVALID']));
    const foreign = join(sample.folder, 'foreign.jsonl');
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
    const writer = await openHeadFile(
      foreign,
      { ...jwk, kid: testHeadKey.kid },
      () => NOON,
      () => undefined,
    );
    await writer.sign('shard-a', new Map([['shard-a', headOf(a[0] as Batch)]]));
    await writer.close();
    await expect(kinds([(await readFile(foreign, 'utf8')).trimEnd()])).resolves.toEqual(['HEAD_INVALID']);
  });
});

function growLeaf(tree: Tail['frontier'], leaf: string): Tail['frontier'] {
  return grow(tree, Buffer.from(leaf, 'base64url'));
}
