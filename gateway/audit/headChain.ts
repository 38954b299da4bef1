import type { ShardHead } from './batch.ts';
import type { Finding } from './finding.ts';
import { headLineHash, readHead, rootOfShards, sizeOfShards, type Head, type HeadKeys } from './headForm.ts';
import type { Line } from './jsonLines.ts';

/** A shard as one head signs it. */
export interface Mark extends ShardHead {
  /** When it was signed, milliseconds since the epoch. */
  readonly signedAt: number;
}

/** What the signed heads say, read from their file. About 200 bytes of memory for each head. */
export interface HeadChain {
  readonly count: number;
  /** Per shard and batch. */
  readonly marks: ReadonlyMap<string, ReadonlyMap<number, Mark>>;
  /** The shards as the newest head signs them, and when; null without a head that holds. */
  readonly newest: { readonly at: number; readonly shards: ReadonlyMap<string, Mark> } | null;
  readonly findings: readonly Finding[];
  /** Remarks that are no finding. */
  readonly notes: readonly string[];
}

/**
 * Reads a file of heads: each signature, the chain of lines, and that each head continues the one before. The file must begin with a head that
 * lists every shard, as each file of the hub does.
 */
export async function readHeadChain(lines: AsyncIterable<Line>, keys: HeadKeys): Promise<HeadChain> {
  const marks = new Map<string, Map<number, Mark>>();
  const shards = new Map<string, Mark>();
  const findings: Finding[] = [];
  const notes: string[] = [];
  let before: { readonly head: Head | null; readonly line: string } | null = null;
  let newest: Head | null = null;
  let count = 0;

  const invalid = (number: number, detail: string): void =>
    void findings.push({ kind: 'HEAD_INVALID', detail: `line ${number} of the heads ${detail}` });

  for await (const { number, text, ended } of lines) {
    const head: Head | string = text === null ? 'is not UTF-8' : await readHead(text, keys);
    if (!ended && typeof head === 'string') {
      notes.push(`The last line of the heads (${number}) is unfinished: the hub was stopped while writing it, or the file was cut there.`);
      break;
    }
    if (typeof head === 'string') {
      invalid(number, head);
      before = { head: null, line: text ?? '' };
      continue;
    }
    const gap: boolean = before !== null && head.prev !== headLineHash(before.line);
    if (gap) invalid(number, 'does not continue the line before it: a line was altered, removed or moved');
    if (before?.head && head.at < before.head.at) notes.push(`Head ${head.n} was signed before its predecessor by its clock.`);
    if (head.full)
      for (const shard of shards.keys())
        if (!Object.hasOwn(head.shards, shard)) notes.push(`Head ${head.n} no longer lists shard ${shard}.`);
    for (const [shard, at] of Object.entries(head.shards)) {
      const mark: Mark = { ...at, signedAt: head.at };
      const known = shards.get(shard);
      if (known !== undefined && (at.seq < known.seq || at.size < known.size))
        invalid(number, `signs shard ${shard} shorter than a head before it`);
      shards.set(shard, mark);
      const ofShard = marks.get(shard) ?? new Map<number, Mark>();
      marks.set(shard, ofShard.set(at.seq, mark));
    }
    const whole = count > 0 || head.full;
    if (!whole) invalid(number, 'does not list every shard, and no earlier line does: the beginning of the file is missing');
    else if (!gap && (rootOfShards(shards) !== head.root || shards.size !== head.count || sizeOfShards(shards) !== head.size)) {
      invalid(number, 'does not add up to its own root: a line before it is missing');
    }
    count += 1;
    newest = head;
    before = { head, line: text ?? '' };
  }
  return { count, marks, newest: newest === null ? null : { at: newest.at, shards }, findings, notes };
}

/** Several files of heads as one: an earlier copy beside today's, or one of each process. What contradicts is a finding. */
export function joinHeadChains(chains: readonly HeadChain[]): HeadChain | null {
  const [first, ...others] = chains;
  if (first === undefined) return null;
  const marks = new Map([...first.marks].map(([shard, ofShard]) => [shard, new Map(ofShard)]));
  const findings = [...first.findings];
  let { newest } = first;
  for (const chain of others) {
    findings.push(...chain.findings);
    for (const [shard, ofShard] of chain.marks) {
      const known = marks.get(shard) ?? new Map<number, Mark>();
      marks.set(shard, known);
      for (const [seq, mark] of ofShard) {
        const other = known.get(seq);
        if (other === undefined) known.set(seq, mark);
        else if (other.hash !== mark.hash)
          findings.push({ kind: 'HEAD_INVALID', shard, seq, detail: 'two heads contradict each other about it' });
      }
    }
    if (chain.newest === null) continue;
    const shards = new Map(newest?.shards);
    for (const [shard, mark] of chain.newest.shards) if (mark.seq > (shards.get(shard)?.seq ?? -1)) shards.set(shard, mark);
    newest = { at: Math.max(newest?.at ?? 0, chain.newest.at), shards };
  }
  return { count: chains.reduce((sum, { count }) => sum + count, 0), marks, newest, findings, notes: chains.flatMap(({ notes }) => notes) };
}
