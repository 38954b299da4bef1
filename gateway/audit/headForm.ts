import { compactVerify, importJWK, type CompactVerifyResult, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { ShardHead } from './batch.ts';
import { leafHash, rootOver } from './merkleTree.ts';

/** `typ` of a signed head's header, so that no other token of the hub can pass for one. */
export const HEAD_TYPE = 'mydata-audit-head+jwt';

const hashText = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const shardHead = z.strictObject({ seq: z.int().min(0), size: z.int().min(1), root: hashText, hash: hashText });

/** What is signed: the log as a whole at one time. */
const Head = z.strictObject({
  v: z.literal(1),
  /** Number in its file, from 0. */
  n: z.int().min(0),
  /** Milliseconds since the epoch. */
  at: z.int().min(0),
  /** Shard of the process that signs. */
  by: z.string().min(1),
  /** SHA-256 of the file's line before this one; null on the first. */
  prev: hashText.nullable(),
  /** Whether `shards` lists every shard; otherwise those that changed since the head before. */
  full: z.boolean(),
  shards: z.record(z.string(), shardHead),
  /** Shards and entries in all. */
  count: z.int().min(0),
  size: z.int().min(0),
  /** RFC 9162 root over all shards ({@link rootOfShards}). */
  root: hashText,
});
export type Head = z.infer<typeof Head>;

export type ShardHeads = ReadonlyMap<string, ShardHead>;

/** RFC 9162 root over the shards in the order of their ids; the leaf data is canonical JSON {hash, root, seq, shard, size}. */
export function rootOfShards(shards: ShardHeads): string {
  const sorted = [...shards].sort(([a], [b]) => (a < b ? -1 : 1));
  const leaves = sorted.map(([shard, { seq, size, root, hash }]) => leafHash(Buffer.from(canonicalJson({ shard, seq, size, root, hash }))));
  return rootOver(leaves).toString('base64url');
}

/** Entries of all shards. */
export function sizeOfShards(shards: ShardHeads): number {
  return [...shards.values()].reduce((sum, { size }) => sum + size, 0);
}

/** The line of a head in its file. */
export const headLine = (jws: string): string => JSON.stringify({ jws });

/** What the next line's `prev` must be. */
export const headLineHash = (line: string): string => sha256(line);

/** Public keys by key id. */
export type HeadKeys = ReadonlyMap<string, CryptoKey | Uint8Array>;

/** A JWK, a JWK Set or a list of JWKs as keys. Throws a TypeError when it is something else, or not a P-256 key. */
export async function headKeys(json: unknown): Promise<HeadKeys> {
  const list = Array.isArray(json) ? json : isObject(json) && Array.isArray(json['keys']) ? json['keys'] : [json];
  const keys = new Map<string, CryptoKey | Uint8Array>();
  for (const jwk of list) {
    if (!isObject(jwk) || jwk['kty'] !== 'EC' || jwk['crv'] !== 'P-256' || typeof jwk['kid'] !== 'string') {
      throw new TypeError('A key of heads is a P-256 JWK with a kid.');
    }
    const { kty, crv, x, y, kid } = jwk as JWK & { kid: string };
    keys.set(kid, await importJWK({ kty, crv, x, y } as JWK, 'ES256'));
  }
  return keys;
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object';

/** A line's head, its signature proved by one of `keys`; or a sentence saying what is wrong with it. */
export async function readHead(line: string, keys: HeadKeys): Promise<Head | string> {
  let jws: unknown;
  try {
    jws = (JSON.parse(line) as { jws?: unknown } | null)?.jws;
  } catch {
    return 'is not JSON';
  }
  if (typeof jws !== 'string' || headLine(jws) !== line) return 'is not {"jws":"…"}';
  // A lenient decoder ignores spare bits of the last character: two texts, one signature.
  if (jws.split('.').some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part))
    return 'is not base64url in its one form';
  let verified: CompactVerifyResult;
  try {
    verified = await compactVerify(jws, async ({ kid }) => keys.get(kid ?? '') ?? Promise.reject(new Error('unknown key')), {
      algorithms: ['ES256'],
    });
  } catch (cause) {
    return cause instanceof Error && cause.message === 'unknown key'
      ? 'is signed by a key that was not given'
      : 'has a signature that does not hold';
  }
  if (verified.protectedHeader.typ !== HEAD_TYPE) return 'is signed, but no head';
  const parsed = Head.safeParse(JSON.parse(Buffer.from(verified.payload).toString('utf8')));
  return parsed.success ? parsed.data : 'has another form than a head';
}
