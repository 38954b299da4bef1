import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { a, forge, lines, LOG, replaced, signSample, stored, withEntries, type SampleHeads } from '../../test/fixtures/sampleAuditLog.ts';
import type { Batch, StoredEntry } from './batch.ts';
import { exportedLog } from './logSources.ts';
import { verifyAudit } from './verify.ts';

let sample: SampleHeads;

beforeAll(async () => {
  sample = await signSample();
});

afterAll(() => sample.close());

describe('a log that was tampered with at random', () => {
  it('finds any byte of an export that changed', async () => {
    const text = Buffer.from(lines(LOG));
    const file = join(sample.folder, 'export.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const tampered = Buffer.from(text);
        tampered[place] = (tampered[place] ?? 0) ^ change;
        await writeFile(file, tampered);
        expect((await verifyAudit(exportedLog(file), sample.chain)).findings).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('finds any byte of an export that is missing', async () => {
    const text = Buffer.from(lines(LOG));
    const file = join(sample.folder, 'export.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 4000 }), async (place, length) => {
        await writeFile(file, Buffer.concat([text.subarray(0, place), text.subarray(place + length)]));
        expect((await verifyAudit(exportedLog(file), sample.chain)).findings).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('finds any byte of the heads that changed, or says that their last line is unfinished', async () => {
    const text = Buffer.from(sample.text);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const tampered = Buffer.from(text);
        tampered[place] = (tampered[place] ?? 0) ^ change;
        const { findings, notes } = await sample.chainOf(tampered);
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
        expect((await verifyAudit(stored(tampered[how]()), sample.chain)).findings).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
