import type { Finding } from './finding.ts';
import type { HeadChain, Mark } from './headChain.ts';
import { batchOf, readBatch, unread, type Claims, type Range, type ShardReading } from './verifyShard.ts';

/** One document of the log, or what stands in its place. `where` names it for a finding: a line, an id. */
export interface Stored {
  readonly where: string;
  /** What is wrong with its text, if it is from a file. */
  readonly fault?: string;
  readonly document: unknown;
}

export interface Counts {
  readonly shards: number;
  readonly batches: number;
  readonly entries: number;
  readonly erased: number;
  readonly heads: number;
  /** Entries that no head covers yet. */
  readonly unsigned: number;
}

export interface Verification {
  readonly findings: readonly Finding[];
  /** Findings that are not listed, because there are too many. */
  readonly more: number;
  readonly counts: Counts;
  readonly notes: readonly string[];
}

/** Most findings that are listed. */
const MOST = 1000;
/** A head follows what it signs within a second; a minute leaves room for clocks. */
const SLACK = 60_000;

/**
 * Verifies a whole log: every batch in itself and in its shard, the shards among themselves, and all of it against the signed heads, if given
 * (without them, an end that was cut off, a newest shard that is gone and a history written anew cannot be seen). Pure: stores nothing, needs
 * no secret. Memory: one small record per shard, and the heads.
 */
export async function verifyAudit(
  log: AsyncIterable<Stored>,
  heads: HeadChain | null,
  progress: (batches: number, entries: number) => void = () => undefined,
): Promise<Verification> {
  const findings: Finding[] = [...(heads?.findings ?? [])];
  let more = 0;
  const add = (list: readonly Finding[]): void => {
    for (const finding of list) {
      if (findings.length < MOST) findings.push(finding);
      else more += 1;
    }
  };
  const shards = new Map<string, ShardReading>();
  const begun = new Map<string, number>();
  const pins: { by: string; shard: string; seq: number | null; size: number; hash: string | null }[] = [];
  const erasures = new Map<string, Range[]>();
  let [batches, entries] = [0, 0];

  for await (const { where, fault, document } of log) {
    const batch = fault === undefined ? batchOf(document) : null;
    if (batch === null) {
      add([{ kind: 'MALFORMED', detail: `${where} ${fault ?? 'is not a batch of the audit log'}` }]);
      continue;
    }
    const claims: Claims = { opened: [], erasures: [] };
    const before = shards.get(batch.shard) ?? unread(batch.shard);
    const { reading, findings: found } = readBatch(before, batch, heads?.marks.get(batch.shard), claims);
    add(found);
    shards.set(batch.shard, reading);
    if (!begun.has(batch.shard)) begun.set(batch.shard, batch.at);
    for (const { follows, tail } of claims.opened) {
      if (follows !== null)
        pins.push({ by: batch.shard, shard: follows, seq: tail?.seq ?? null, size: tail?.size ?? 0, hash: tail?.hash ?? null });
    }
    for (const { erased } of claims.erasures) {
      for (const { shard, from, to } of erased) {
        const known = erasures.get(shard);
        if (known) known.push({ from, to });
        else erasures.set(shard, [{ from, to }]);
      }
    }
    batches += 1;
    entries += batch.entries.length;
    if (batches % 10_000 === 0) progress(batches, entries);
  }

  const newest = heads?.newest ?? null;
  const ended = new Set<string>();
  for (const [shard, mark] of newest?.shards ?? []) {
    const detail = `a head signed at ${new Date(mark.signedAt).toISOString()} has it with ${mark.size} entries`;
    add(endOf(shard, shards.get(shard), mark.seq, mark.size, detail, ended));
  }
  for (const { by, shard, seq, size, hash } of pins) {
    const reading = shards.get(shard);
    add(endOf(shard, reading, seq ?? 0, size, `shard ${by} follows it${size > 0 ? ` at ${size} entries` : ''}`, ended));
    if (hash !== null && reading?.seq === seq && reading.hash !== hash) {
      add([{ kind: 'ALTERED', shard, seq: reading.seq, detail: `its end is not the one that shard ${by} follows` }]);
    }
  }
  for (const reading of shards.values()) {
    add(gapsOf(reading));
    add(unrecorded(reading, erasures.get(reading.shard) ?? []));
    const mark = newest?.shards.get(reading.shard);
    if (newest !== null) add(unknownToHeads(reading, mark, newest.at, begun.get(reading.shard) ?? 0));
  }
  const erased = [...shards.values()].flatMap((reading) => reading.erased).reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const unsigned = [...shards.values()].reduce(
    (sum, { shard, size }) => sum + Math.max(0, size - (newest?.shards.get(shard)?.size ?? 0)),
    0,
  );
  return {
    findings,
    more,
    counts: { shards: shards.size, batches, entries, erased, heads: heads?.count ?? 0, unsigned },
    notes: heads?.notes ?? [],
  };
}

/** A shard must be there, and reach as far as somebody says it did. */
function endOf(shard: string, reading: ShardReading | undefined, seq: number, size: number, detail: string, told: Set<string>): Finding[] {
  if (told.has(shard)) return [];
  if (reading === undefined) {
    told.add(shard);
    return [{ kind: 'MISSING_SHARD', shard, detail }];
  }
  if (reading.seq >= seq) return [];
  told.add(shard);
  return [
    {
      kind: 'CUT_OFF',
      shard,
      seq: reading.seq + 1,
      index: reading.size,
      detail: `${size - reading.size} entries are cut off at the end: ${detail}, it has ${reading.size}`,
    },
  ];
}

function gapsOf({ shard, gaps }: ShardReading): Finding[] {
  return gaps.map(({ seq, from, to }) => ({
    kind: 'REMOVED' as const,
    shard,
    seq,
    index: from,
    detail: `the batch is missing (entries within ${from} to ${to})`,
  }));
}

/** Erased entries that no ERASURE entry names. */
function unrecorded({ shard, erased }: ShardReading, recorded: readonly Range[]): Finding[] {
  const sorted = recorded.toSorted((a, b) => a.from - b.from);
  const findings: Finding[] = [];
  let at = 0;
  for (const { from, to } of erased.toSorted((a, b) => a.from - b.from)) {
    for (let index = from; index <= to;) {
      while (at < sorted.length && (sorted[at] as Range).to < index) at += 1;
      const next = sorted[at];
      if (next !== undefined && next.from <= index) {
        index = next.to + 1;
        continue;
      }
      const last = Math.min(to, next === undefined ? to : next.from - 1);
      findings.push({
        kind: 'UNRECORDED_ERASURE',
        shard,
        index,
        detail: `the bodies of entries ${index} to ${last} are gone, and no ERASURE entry says so`,
      });
      index = last + 1;
    }
  }
  return findings;
}

/** What is clearly older than the newest head must be in it. */
function unknownToHeads({ shard, seq, size, at }: ShardReading, mark: Mark | undefined, newest: number, begun: number): Finding[] {
  if (mark === undefined)
    return begun < newest - SLACK ? [{ kind: 'INSERTED', shard, detail: 'the heads signed after its time do not know this shard' }] : [];
  if (seq > mark.seq && at < newest - SLACK) {
    return [
      {
        kind: 'INSERTED',
        shard,
        seq: mark.seq + 1,
        index: mark.size,
        detail: `the heads signed after its time end this shard at ${mark.size} entries, it has ${size}`,
      },
    ];
  }
  return [];
}
