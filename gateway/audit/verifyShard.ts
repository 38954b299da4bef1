import { z } from 'zod';
import type { AuditBody, ErasureEntry, ShardOpened } from '../domain/auditEntry.ts';
import { batchHash, batchId, keysOf, leafOf, unionOfKeys, type Batch, type StoredEntry } from './batch.ts';
import type { Finding } from './finding.ts';
import type { Mark } from './headChain.ts';
import { EMPTY_TREE, grow, rootOf, type Frontier } from './merkleTree.ts';

const hashText = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const count = z.int().min(0);
const entryForm = z.strictObject({
  index: count,
  leaf: hashText,
  salt: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22}$/)
    .nullable(),
  body: z.string().nullable(),
});
const batchForm = z.strictObject({
  _id: z.string(),
  v: z.literal(1),
  shard: z.string().min(1).max(64),
  seq: count,
  at: count,
  prevHash: hashText.nullable(),
  keys: z.array(z.string()),
  entries: z.array(entryForm).min(1),
  head: z.strictObject({ size: count, root: hashText, hash: hashText }),
});

/** The batch that a stored document or a line of an export is, or null. */
export function batchOf(document: unknown): Batch | null {
  const parsed = batchForm.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/** An inclusive range of entries. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** One shard as far as it has been read. */
export interface ShardReading {
  readonly shard: string;
  readonly seq: number;
  readonly size: number;
  readonly hash: string | null;
  readonly at: number;
  /** Null once an entry is missing or altered: from there on roots cannot be made again. */
  readonly frontier: Frontier | null;
  /** Batches that have not come yet although a later one has. */
  readonly gaps: readonly { readonly seq: number; readonly from: number; readonly to: number }[];
  readonly erased: readonly Range[];
}

export const unread = (shard: string): ShardReading => ({
  shard,
  seq: -1,
  size: 0,
  hash: null,
  at: 0,
  frontier: EMPTY_TREE,
  gaps: [],
  erased: [],
});

/** What a batch says about the rest of the log. */
export interface Claims {
  readonly opened: ShardOpened[];
  readonly erasures: ErasureEntry[];
}

/** Checks the next batch of a shard: its own hashes, each entry, and that it continues what was read before. */
export function readBatch(
  before: ShardReading,
  batch: Batch,
  marks: ReadonlyMap<number, Mark> | undefined,
  claims: Claims,
): { reading: ShardReading; findings: Finding[] } {
  const { shard, seq, at, prevHash, entries, head } = batch;
  const findings: Finding[] = [];
  const found = (kind: Finding['kind'], detail: string, index?: number): void => {
    findings.push({ kind, shard, seq, ...(index === undefined ? {} : { index }), detail });
  };
  const first = head.size - entries.length;

  // The batch in itself.
  if (batch._id !== batchId(at, shard, seq)) found('ALTERED', 'its id does not name its time, shard and number');
  const whole = batchHash(batch) === head.hash;
  if (!whole) found('ALTERED', 'its hash is not that of its time, place, predecessor, size and root');
  const keys: string[][] = [];
  const erased: number[] = [];
  for (const entry of entries) {
    const body = bodyOf(entry);
    if (body === 'ERASED') {
      erased.push(entry.index);
      continue;
    }
    if (typeof body === 'string') {
      found('ALTERED', body, entry.index);
      continue;
    }
    keys.push(keysOf(body));
    if (body.kind === 'SHARD_OPENED') claims.opened.push(body);
    if (body.kind === 'ERASURE') claims.erasures.push(body);
  }
  const altered = findings.length > 0;
  // Nobody reads a key of a consent any more; batches of before have them.
  const read = batch.keys.filter((key) => !key.startsWith('consent:'));
  if (!altered && unionOfKeys(keys).join('\n') !== read.join('\n')) found('ALTERED', 'its keys are not those of its entries');
  if (seq === 0 && claims.opened.length === 0 && !altered) found('ALTERED', 'a shard that does not begin with SHARD_OPENED', 0);

  // Its place.
  const late = before.gaps.find((gap) => gap.seq === seq);
  if (late !== undefined) {
    found('REORDERED', 'it comes after a batch that was written later');
    return { reading: { ...before, gaps: before.gaps.filter((gap) => gap !== late), erased: addErased(before.erased, erased) }, findings };
  }
  if (seq <= before.seq) {
    found('INSERTED', 'there is a batch of this number already');
    return { reading: before, findings };
  }
  const next = seq === before.seq + 1;
  if (next && prevHash !== before.hash) found('ALTERED', 'it does not name the hash of the batch before it: one of the two was altered');
  if (next && at < before.at) found('ALTERED', 'it was written before its predecessor by its time');
  const from = next ? before.size : (entries[0]?.index ?? first);
  if (whole) findings.push(...orderOf(shard, seq, entries, from, head.size));
  const gaps = next ? [] : gapsBefore(before, seq, from);

  // Its root, as far as every entry before it is known.
  let frontier = next ? before.frontier : null;
  if (frontier !== null) {
    frontier = entries.reduce((tree, { leaf }) => grow(tree, Buffer.from(leaf, 'base64url')), frontier);
    if (frontier.size !== head.size || rootOf(frontier).toString('base64url') !== head.root) {
      if (findings.length === 0) found('ALTERED', `entries ${from} to ${head.size - 1} are not those that its root was made over`);
      frontier = null;
    }
  }
  const mark = marks?.get(seq);
  if (mark !== undefined && (mark.size !== head.size || mark.root !== head.root || mark.hash !== head.hash)) {
    found('ALTERED', `the log up to here is not the one that was signed at ${new Date(mark.signedAt).toISOString()}`);
  }
  const reading = {
    shard,
    seq,
    size: head.size,
    hash: head.hash,
    at,
    frontier,
    gaps: [...before.gaps, ...gaps],
    erased: addErased(before.erased, erased),
  };
  return { reading, findings };
}

/** The body of an entry whose leaf is right; ERASED; or what is wrong with it. */
function bodyOf({ leaf, salt, body }: StoredEntry): AuditBody | string {
  if (body === null && salt === null) return 'ERASED';
  if (body === null || salt === null) return 'its body or its salt is missing';
  // The last character of a salt has spare bits: two texts, one salt.
  if (Buffer.from(salt, 'base64url').toString('base64url') !== salt) return 'its salt is not in its one form';
  if (leafOf(salt, body).toString('base64url') !== leaf) return 'its body, salt or leaf was changed';
  try {
    return JSON.parse(body) as AuditBody;
  } catch {
    return 'its body is not JSON';
  }
}

/** Entries must be numbered from `from` to `size` - 1, in that order. */
function orderOf(shard: string, seq: number, entries: readonly StoredEntry[], from: number, size: number): Finding[] {
  const finding = (kind: Finding['kind'], index: number, detail: string): Finding => ({ kind, shard, seq, index, detail });
  const seen = new Set<number>();
  const findings: Finding[] = [];
  for (const { index } of entries) {
    if (index < from || index >= size) findings.push(finding('INSERTED', index, `this batch holds entries ${from} to ${size - 1}`));
    else if (seen.has(index)) findings.push(finding('INSERTED', index, 'the entry is there twice'));
    seen.add(index);
  }
  for (let index = from; index < Math.min(size, from + 100_000); index += 1) {
    if (!seen.has(index)) findings.push(finding('REMOVED', index, 'the entry is missing'));
  }
  const moved = entries.findIndex(({ index }, place) => index !== from + place);
  if (findings.length === 0 && moved >= 0)
    findings.push(finding('REORDERED', entries[moved]?.index ?? from, `it stands where entry ${from + moved} was written`));
  return findings;
}

function gapsBefore({ seq, size }: ShardReading, next: number, from: number): { seq: number; from: number; to: number }[] {
  return Array.from({ length: Math.min(next - seq - 1, 10_000) }, (_, place) => ({ seq: seq + 1 + place, from: size, to: from - 1 }));
}

/** Adds indexes to ranges. */
function addErased(ranges: readonly Range[], indexes: readonly number[]): readonly Range[] {
  if (indexes.length === 0) return ranges;
  const added = [...ranges];
  for (const index of indexes) {
    const last = added.at(-1);
    if (last?.to === index - 1) added[added.length - 1] = { from: last.from, to: index };
    else added.push({ from: index, to: index });
  }
  return added;
}
