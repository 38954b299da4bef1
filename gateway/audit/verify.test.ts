import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { intent, outcome, refusal } from '../../test/fixtures/auditBodies.ts';
import { NOON, testHeadKey } from '../../test/fixtures/auditDatabase.ts';
import { canonicalJson } from '../../schema/canonical.ts';
import type { AuditBody } from '../domain/auditEntry.ts';
import { draftOf, nextBatch, NO_TAIL, unionOfKeys, keysOf, type Batch, type StoredEntry, type Tail } from './batch.ts';
import type { Finding } from './finding.ts';
import { headKeysFile, openHeadFile } from './headFile.ts';
import { headKeys } from './headForm.ts';
import { joinHeadChains, readHeadChain, type HeadChain } from './headChain.ts';
import { linesOf } from './jsonLines.ts';
import { exportedLog } from './logSources.ts';
import { grow, rootOf } from './merkleTree.ts';
import { verifyAudit, type Stored } from './verify.ts';

const KEY = Buffer.alloc(32, 7);
const salts = (length: number): Uint8Array => new Uint8Array(length).map((_, place) => (place * 37 + 11) % 256);
const opened = (shard: string, follows: Batch | null): AuditBody => ({
  kind: 'SHARD_OPENED',
  request: shard,
  at: NOON,
  subject: null,
  follows: follows?.shard ?? null,
  tail: follows === null ? null : { seq: follows.seq, size: follows.head.size, hash: follows.head.hash },
});

/** A shard whose batches have these numbers of entries, the first being SHARD_OPENED. */
function shardOf(shard: string, follows: Batch | null, sizes: readonly number[], start: number, extra: readonly AuditBody[] = []): Batch[] {
  let tail: Tail = NO_TAIL;
  return sizes.map((size, seq) => {
    const bodies: AuditBody[] = Array.from({ length: size }, (_, place) =>
      place % 3 === 2 ? refusal() : place % 3 === 1 ? outcome(`r-${shard}-${seq}`) : intent(),
    );
    if (seq === 0) bodies[0] = opened(shard, follows);
    if (seq === 1) bodies.push(...extra);
    const made = nextBatch(
      shard,
      tail,
      bodies.map((body) => draftOf(body, KEY)),
      salts(16 * bodies.length),
      start + seq * 100,
    );
    tail = made.tail;
    return made.batch;
  });
}

const erasure: AuditBody = {
  kind: 'ERASURE',
  request: 'e',
  at: NOON,
  subject: null,
  reason: 'test',
  erased: [{ shard: 'shard-a', from: 3, to: 4 }],
};

function withEntries(batch: Batch, change: (entries: StoredEntry[]) => StoredEntry[]): Batch {
  return { ...batch, entries: change(batch.entries.map((entry) => ({ ...entry }))) };
}

function erase(batch: Batch, indexes: readonly number[]): Batch {
  const gone = withEntries(batch, (entries) =>
    entries.map((entry) => (indexes.includes(entry.index) ? { ...entry, salt: null, body: null } : entry)),
  );
  return { ...gone, keys: unionOfKeys(gone.entries.map(({ body }) => (body === null ? [] : keysOf(JSON.parse(body) as AuditBody)))) };
}

const a = shardOf('shard-a', null, [3, 4, 1, 6, 2], NOON).map((batch) => erase(batch, [3, 4]));
const b = shardOf('shard-b', a.at(-1) as Batch, [1, 5, 3], NOON + 1000, [erasure]);
const c = shardOf('shard-c', b.at(-1) as Batch, [2, 2], NOON + 2000);
const LOG: readonly Batch[] = [...a, ...b, ...c];

const headOf = ({ seq, head }: Batch) => ({ seq, ...head });
let folder: string;
let heads: HeadChain;
let headLines: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-verify-'));
  const file = join(folder, 'heads.jsonl');
  let now = NOON;
  const writer = await openHeadFile(
    file,
    testHeadKey,
    () => now,
    () => undefined,
  );
  const shards = new Map<string, ReturnType<typeof headOf>>();
  for (const batch of LOG) {
    shards.set(batch.shard, headOf(batch));
    now = batch.at + 1;
    if (batch !== LOG[1]) await writer.sign(batch.shard, shards);
  }
  await writer.close();
  headLines = await readFile(file, 'utf8');
  heads = await chainOf(headLines);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function chainOf(text: string | Uint8Array): Promise<HeadChain> {
  const file = join(folder, 'some-heads.jsonl');
  await writeFile(file, text);
  return readHeadChain(linesOf(file), await headKeys(JSON.parse(await readFile(headKeysFile(join(folder, 'heads.jsonl')), 'utf8'))));
}

async function* stored(batches: readonly unknown[]): AsyncGenerator<Stored> {
  for (const [place, document] of batches.entries()) yield { where: `document ${place}`, document };
}

const lines = (batches: readonly Batch[]): string => batches.map((batch) => `${canonicalJson(batch)}\n`).join('');
const findingsIn = async (batches: readonly unknown[], signed: HeadChain | null = heads): Promise<readonly Finding[]> =>
  (await verifyAudit(stored(batches), signed)).findings;
const replaced = (old: Batch, ...by: Batch[]): Batch[] => LOG.flatMap((batch) => (batch === old ? by : [batch]));

/** What somebody with the whole store, but without the signing key, can do: make every hash fit again. */
function forge(
  shard: readonly Batch[],
  change: (bodies: { salt: string; body: string }[]) => { salt: string; body: string }[],
  from: number,
): Batch[] {
  let tail: Tail = NO_TAIL;
  return shard.map((batch, place) => {
    const kept = batch.entries.map(({ salt, body }) => ({ salt: salt ?? '', body: body ?? '{"kind":"SHARD_OPENED","subject":null}' }));
    const entries = place === from ? change(kept) : kept;
    const drafts = entries.map(({ body }) => ({ body, keys: keysOf(JSON.parse(body) as AuditBody) }));
    const made = nextBatch(
      batch.shard,
      tail,
      drafts,
      Buffer.concat(entries.map(({ salt }) => Buffer.from(salt.padEnd(22, 'A'), 'base64url'))),
      batch.at,
    );
    tail = made.tail;
    return made.batch;
  });
}

describe('verify', () => {
  it('finds nothing in a whole log, erased bodies included', async () => {
    const { findings, counts, notes } = await verifyAudit(stored(LOG), heads);
    expect(findings).toEqual([]);
    expect(notes).toEqual([]);
    expect(counts).toEqual({ shards: 3, batches: 10, entries: 30, erased: 2, heads: 9, unsigned: 0 });
  });

  it('finds nothing without heads, and says what no head covers', async () => {
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
      expect.objectContaining({ kind: 'UNRECORDED_ERASURE' }),
      expect.objectContaining({ kind: 'UNRECORDED_ERASURE' }),
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
    const later = { ...heads, newest: { at: NOON + 3_600_000, shards: heads.newest?.shards ?? new Map() } };
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
    const earlier = await chainOf(headLines.split('\n').slice(0, 4).join('\n') + '\n');
    expect(joinHeadChains([earlier, heads])).toMatchObject({ findings: [], count: 13, newest: { at: heads.newest?.at } });
    await expect(findingsIn(LOG, joinHeadChains([earlier, heads]))).resolves.toEqual([]);
    await expect(findingsIn(a.slice(0, 2), earlier)).resolves.toContainEqual(
      expect.objectContaining({ kind: 'CUT_OFF', shard: 'shard-a' }),
    );
  });

  it('names a head that was altered, removed, moved or signed by somebody else', async () => {
    const [one, two, three, ...rest] = headLines.trimEnd().split('\n') as [string, string, string];
    const kinds = async (all: readonly string[]) => (await chainOf(`${all.join('\n')}\n`)).findings.map(({ kind }) => kind);
    await expect(kinds([one, two, three, ...rest])).resolves.toEqual([]);
    expect(new Set(await kinds([one, three, ...rest]))).toEqual(new Set(['HEAD_INVALID']));
    expect(new Set(await kinds([one, three, two, ...rest]))).toEqual(new Set(['HEAD_INVALID']));
    expect(new Set(await kinds([two, three, ...rest]))).toEqual(new Set(['HEAD_INVALID']));
    const foreign = join(folder, 'foreign.jsonl');
    const { generateKeyPairSync } = await import('node:crypto');
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

  it('finds any byte of an export that changed', async () => {
    const text = Buffer.from(lines(LOG));
    const file = join(folder, 'export.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const tampered = Buffer.from(text);
        tampered[place] = (tampered[place] ?? 0) ^ change;
        await writeFile(file, tampered);
        expect((await verifyAudit(exportedLog(file), heads)).findings).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('finds any byte of an export that is missing', async () => {
    const text = Buffer.from(lines(LOG));
    const file = join(folder, 'export.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 4000 }), async (place, length) => {
        await writeFile(file, Buffer.concat([text.subarray(0, place), text.subarray(place + length)]));
        expect((await verifyAudit(exportedLog(file), heads)).findings).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('finds any byte of the heads that changed, or says that their last line is unfinished', async () => {
    const text = Buffer.from(headLines);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const tampered = Buffer.from(text);
        tampered[place] = (tampered[place] ?? 0) ^ change;
        const { findings, notes } = await chainOf(tampered);
        expect(findings.length + (place === text.length - 1 ? notes.length : 0)).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });

  it('finds any entry, batch or shard that was removed, doubled or moved', async () => {
    const place = fc.nat(LOG.length - 1);
    const act = fc.constantFrom(
      'remove entry',
      'double entry',
      'move entry',
      'remove batch',
      'double batch',
      'swap batches',
      'remove shard',
      'forge',
    );
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), act, async (at, random, how) => {
        const batch = LOG[at] as Batch;
        const entry = random % batch.entries.length;
        const other = LOG[(at + 1 + (random % (LOG.length - 1))) % LOG.length] as Batch;
        const moved = batch.entries[entry] as StoredEntry;
        const without = withEntries(batch, (entries) => entries.filter((_, index) => index !== entry));
        const tampered: Record<typeof how, () => Batch[]> = {
          'remove entry': () => replaced(batch, without),
          'double entry': () =>
            replaced(
              batch,
              withEntries(batch, (entries) => entries.toSpliced(entry, 0, moved)),
            ),
          'move entry': () =>
            replaced(batch, without).map((one) => (one === other ? withEntries(one, (entries) => [...entries, moved]) : one)),
          'remove batch': () => replaced(batch),
          'double batch': () => replaced(batch, batch, batch),
          'swap batches': () => LOG.map((one) => (one === a[0] ? (a[1] as Batch) : one === a[1] ? (a[0] as Batch) : one)),
          'remove shard': () => LOG.filter(({ shard }) => shard !== batch.shard),
          forge: () => {
            const forged = forge(
              LOG.filter(({ shard }) => shard === batch.shard),
              (entries) => (entries.length > 1 ? entries.toSpliced(entry, 1) : [...entries, ...entries]),
              batch.seq,
            );
            return [...LOG.filter(({ shard }) => shard !== batch.shard), ...forged];
          },
        };
        expect(await findingsIn(tampered[how]())).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

function growLeaf(tree: Tail['frontier'], leaf: string): Tail['frontier'] {
  return grow(tree, Buffer.from(leaf, 'base64url'));
}
