import { createHmac, hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AuditBody } from '../domain/auditEntry.ts';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import { EMPTY_TREE, grow, leafHash, rootOf, type Frontier } from './merkleTree.ts';

/** One entry as stored. Hashes are base64url. An erased entry has neither salt nor body; its leaf stays. */
export interface StoredEntry {
  /** Place in the shard, from 0. */
  readonly index: number;
  /** HASH(0x00 ‖ SHA-256(salt ‖ body)). */
  readonly leaf: string;
  /** 128 random bits, so that an erased body cannot be guessed from its leaf. */
  readonly salt: string | null;
  /** Canonical JSON of the body, its subject a pseudonym. */
  readonly body: string | null;
}

/** What a batch's place in its shard commits to. */
export interface ShardHead {
  readonly seq: number;
  /** Entries in the shard up to and with this batch. */
  readonly size: number;
  /** RFC 9162 root over them. */
  readonly root: string;
  /** Hash of the batch: over its time, place, predecessor, size and root. */
  readonly hash: string;
}

/** One group commit: one document, unique on (shard, seq), so that it is there whole or not at all on both engines. */
export interface Batch {
  /** Time, shard and seq: in the order of writing. */
  readonly _id: string;
  readonly v: 1;
  readonly shard: string;
  readonly seq: number;
  /** When it was written: milliseconds since the epoch, never falling within a shard. */
  readonly at: number;
  readonly prevHash: string | null;
  /** What its entries are found by ({@link keysOf}), sorted; indexed. */
  readonly keys: readonly string[];
  readonly entries: readonly StoredEntry[];
  readonly head: { readonly size: number; readonly root: string; readonly hash: string };
}

/** Where a shard ends: all that is needed to go on. */
export interface Tail {
  /** -1 before the first batch. */
  readonly seq: number;
  readonly at: number;
  readonly hash: string | null;
  readonly frontier: Frontier;
}

export const NO_TAIL: Tail = { seq: -1, at: 0, hash: null, frontier: EMPTY_TREE };

/** An entry ready to be written. */
export interface Draft {
  readonly body: string;
  readonly keys: readonly string[];
}

/** Key of the first batch of each shard. */
export const OPENED_KEY = 'opened';
export const subjectKey = (pseudonym: string): string => `subject:${pseudonym}`;
export const changeKey = (consent: string, version: number): string => `change:${consent}#${version}`;
export const outcomeKey = (request: string): string => `outcome:${request}`;

/** Pseudonyms held in memory for each key: an intent, its outcome and the citizen's next query have the same one. */
const PSEUDONYMS = 10_000;

const pseudonyms = new WeakMap<Uint8Array, LRUCache<string, string>>();

/**
 * HMAC-SHA-256 under the pseudonym key (which must not be changed in place), base64url: without the key nobody can tell whose entry it is, or try
 * all ids.
 */
export function pseudonymOf(key: Uint8Array, subject: string): string {
  let known = pseudonyms.get(key);
  if (known === undefined) pseudonyms.set(key, (known = new LRUCache({ max: PSEUDONYMS })));
  let pseudonym = known.get(subject);
  if (pseudonym === undefined) {
    pseudonym = createHmac('sha256', key).update(`mydata-audit-subject\0${subject}`).digest('base64url');
    known.set(subject, pseudonym);
  }
  return pseudonym;
}

/**
 * What a body (its subject already a pseudonym) is found by. As few as can be: each is a place of its own in an index, which costs a write of its
 * own. Entries of a consent are found among its subject's.
 */
export function keysOf(body: AuditBody): string[] {
  const subject = body.subject === null ? [] : [subjectKey(body.subject)];
  switch (body.kind) {
    case 'DISCLOSURE_OUTCOME':
      return [outcomeKey(body.request)];
    case 'CONSENT':
      return [...subject, changeKey(body.consent, body.consentVersion)];
    case 'SHARD_OPENED':
      return [OPENED_KEY];
    case 'DISCLOSURE_INTENT':
    case 'REFUSAL':
    case 'LOGIN':
    case 'CHECK':
    case 'ERASURE':
      return subject;
  }
}

/** Canonical text and keys of a body, the subject replaced by its pseudonym. */
export function draftOf(body: AuditBody, pseudonymKey: Uint8Array): Draft {
  const stored: AuditBody = body.subject === null ? body : { ...body, subject: pseudonymOf(pseudonymKey, body.subject) };
  return { body: canonicalJson(stored), keys: keysOf(stored) };
}

/** The leaf of an entry; `salt` is base64url, `body` canonical JSON. */
export function leafOf(salt: string, body: string): Buffer {
  return saltedLeaf(Buffer.from(salt, 'base64url'), body);
}

function saltedLeaf(salt: Uint8Array, body: string): Buffer {
  const bytes = Buffer.allocUnsafe(salt.length + Buffer.byteLength(body));
  bytes.set(salt);
  bytes.write(body, salt.length);
  return leafHash(hash('sha256', bytes, 'buffer'));
}

/** Sorts as the batches were written. */
export function batchId(at: number, shard: string, seq: number): string {
  return `${String(at).padStart(15, '0')}.${shard}.${String(seq).padStart(10, '0')}`;
}

/** Hash of a batch: its place, its time, its predecessor and, through the root, each of its leaves. */
export function batchHash({
  v,
  shard,
  seq,
  at,
  prevHash,
  head: { size, root },
}: Omit<Batch, 'head'> & { head: { size: number; root: string } }): string {
  return sha256(`mydata-audit-batch\n${canonicalJson({ v, shard, seq, at, prevHash, size, root })}`);
}

/** Keys of several entries, as a batch carries them. */
export function unionOfKeys(keys: Iterable<readonly string[]>): string[] {
  return [...new Set([...keys].flat())].sort();
}

/** The batch that follows `tail` with these entries, and the shard's end after it. `salts` holds 16 random bytes for each. */
export function nextBatch(
  shard: string,
  tail: Tail,
  drafts: readonly Draft[],
  salts: Uint8Array,
  now: number,
): { batch: Batch; tail: Tail } {
  const at = Math.max(now, tail.at);
  const seq = tail.seq + 1;
  let { frontier } = tail;
  const entries = drafts.map(({ body }, place): StoredEntry => {
    const salt = Buffer.from(salts.buffer, salts.byteOffset + 16 * place, 16);
    const leaf = saltedLeaf(salt, body);
    const index = frontier.size;
    frontier = grow(frontier, leaf);
    return { index, leaf: leaf.toString('base64url'), salt: salt.toString('base64url'), body };
  });
  const keys = unionOfKeys(drafts.map((draft) => draft.keys));
  const open = { _id: batchId(at, shard, seq), v: 1 as const, shard, seq, at, prevHash: tail.hash, keys, entries };
  const head = { size: frontier.size, root: rootOf(frontier).toString('base64url') };
  const own = batchHash({ ...open, head });
  return { batch: { ...open, head: { ...head, hash: own } }, tail: { seq, at, hash: own, frontier } };
}

/** The end after `batch`, when it follows `tail` and its hashes are right; else null. */
export function follow(tail: Tail, batch: Batch): Tail | null {
  if (batch.seq !== tail.seq + 1 || batch.prevHash !== tail.hash) return null;
  const frontier = batch.entries.reduce((tree, { leaf }) => grow(tree, Buffer.from(leaf, 'base64url')), tail.frontier);
  const { size, root, hash: own } = batch.head;
  if (frontier.size !== size || rootOf(frontier).toString('base64url') !== root || batchHash(batch) !== own) return null;
  return { seq: batch.seq, at: batch.at, hash: own, frontier };
}
