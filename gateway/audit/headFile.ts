import { mkdir, open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CompactSign, importJWK, type JWK } from 'jose';
import { HubError } from '../../schema/errors.ts';
import type { Clock } from '../domain/clock.ts';
import {
  HEAD_TYPE,
  headKeys,
  headLine,
  headLineHash,
  readHead,
  rootOfShards,
  sizeOfShards,
  type Head,
  type HeadKeys,
  type ShardHeads,
} from './headForm.ts';

/** Private P-256 key (JWK) that signs heads. */
export type HeadKey = Readonly<{
  kty?: string | undefined;
  crv?: string | undefined;
  x?: string | undefined;
  y?: string | undefined;
  d?: string | undefined;
  kid: string;
}>;

/** A head that lists every shard, after so many that list only what changed: a reader needs no more of the file than that. */
const FULL_EVERY = 1000;

export interface HeadFile {
  /** The shards as the file's last head signs them; empty where the file is new, or cannot be continued. */
  readonly signed: ShardHeads;
  /** Signs and appends a head over these shards; on disk when resolved. One at a time. */
  sign(by: string, shards: ShardHeads): Promise<void>;
  close(): Promise<void>;
}

/** File beside the heads with the public keys that signed them. */
export const headKeysFile = (file: string): string => `${file}.keys.json`;

/**
 * Opens the append-only file of signed heads, outside the store: one JSON line per head, each naming the hash of the line before.
 * An unfinished last line (the process was stopped while writing it) is cut off. Throws STORE_UNWRITABLE when it cannot be written, CONFIGURATION when
 * the keys beside it are damaged.
 */
export async function openHeadFile(
  file: string,
  key: HeadKey,
  now: Clock,
  alarm: (sentence: string, cause?: unknown) => void,
): Promise<HeadFile> {
  let handle: FileHandle;
  try {
    await mkdir(dirname(file), { recursive: true });
    handle = await open(file, 'a+');
  } catch (cause) {
    throw new HubError('STORE_UNWRITABLE', file, { cause });
  }
  try {
    const keys = await publishKey(file, key);
    const last = await lastLines(handle);
    if (last.unfinished) await handle.truncate(last.length);
    await syncFolder(file);
    const continued = await continueFrom(last.lines, keys);
    if (continued === null && last.line !== null)
      alarm(`The last heads in ${file} cannot be continued; a head over every shard begins anew.`);
    return writer(handle, await importJWK({ ...key, alg: 'ES256' } as JWK), key.kid, now, last, continued);
  } catch (cause) {
    await handle.close();
    if (cause instanceof HubError) throw cause;
    throw new HubError('STORE_UNWRITABLE', file, { cause });
  }
}

type SigningKey = Awaited<ReturnType<typeof importJWK>>;
type Continued = { readonly head: Head; readonly shards: ShardHeads };

function writer(handle: FileHandle, key: SigningKey, kid: string, now: Clock, last: LastLines, continued: Continued | null): HeadFile {
  let { length } = last;
  let prev = last.line === null ? null : headLineHash(last.line);
  let n = continued === null ? 0 : continued.head.n + 1;
  let before: ShardHeads = continued?.shards ?? new Map();
  let sinceFull = continued === null ? FULL_EVERY : last.lines.length;

  return {
    signed: before,
    async sign(by, growing) {
      // As they are now: they go on growing while this head is signed and written.
      const shards = new Map(growing);
      const full = sinceFull >= FULL_EVERY;
      const changed = [...shards].filter(([shard, { hash }]) => full || before.get(shard)?.hash !== hash);
      const listed = changed.map(([shard, { seq, size, root, hash }]) => [shard, { seq, size, root, hash }] as const);
      const head: Head = {
        v: 1,
        n,
        at: now(),
        by,
        prev,
        full,
        shards: Object.fromEntries(listed),
        count: shards.size,
        size: sizeOfShards(shards),
        root: rootOfShards(shards),
      };
      const jws = await new CompactSign(Buffer.from(JSON.stringify(head)))
        .setProtectedHeader({ alg: 'ES256', typ: HEAD_TYPE, kid })
        .sign(key);
      const line = headLine(jws);
      try {
        await handle.appendFile(`${line}\n`);
        await handle.datasync();
      } catch (cause) {
        await handle.truncate(length).catch(() => undefined);
        throw new HubError('STORE_UNWRITABLE', 'the audit heads file', { cause });
      }
      length += Buffer.byteLength(line) + 1;
      prev = headLineHash(line);
      n += 1;
      before = shards;
      sinceFull = full ? 1 : sinceFull + 1;
    },
    close: () => handle.close(),
  };
}

interface LastLines {
  /** Whole lines from the last full head on; empty where there is none. */
  readonly lines: readonly string[];
  /** The file's last whole line. */
  readonly line: string | null;
  /** Bytes up to the end of that line. */
  readonly length: number;
  readonly unfinished: boolean;
}

/** Reads backwards until a full head is found. */
async function lastLines(handle: FileHandle): Promise<LastLines> {
  const { size } = await handle.stat();
  for (let take = 64 * 1024; ; take *= 4) {
    const start = Math.max(0, size - take);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    const end = buffer.lastIndexOf(0x0a, bytesRead - 1) + 1;
    const whole = buffer
      .toString('utf8', 0, end)
      .split('\n')
      .slice(start === 0 ? 0 : 1, -1);
    const full = whole.findLastIndex(isFull);
    if (full < 0 && start > 0) continue;
    return { lines: full < 0 ? [] : whole.slice(full), line: whole.at(-1) ?? null, length: start + end, unfinished: end < bytesRead };
  }
}

function isFull(line: string): boolean {
  try {
    const { jws } = JSON.parse(line) as { jws: string };
    return (JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')) as Head).full === true;
  } catch {
    return false;
  }
}

/** The last head and the shards it signs, where each line from the last full head on holds; else null. */
async function continueFrom(lines: readonly string[], keys: HeadKeys): Promise<Continued | null> {
  const shards = new Map<string, Head['shards'][string]>();
  let before: { readonly head: Head; readonly line: string } | null = null;
  for (const line of lines) {
    const head: Head | string = await readHead(line, keys);
    if (typeof head === 'string' || (before !== null && head.prev !== headLineHash(before.line))) return null;
    for (const [shard, at] of Object.entries(head.shards)) shards.set(shard, at);
    before = { head, line };
  }
  return before !== null && before.head.root === rootOfShards(shards) ? { head: before.head, shards } : null;
}

/** Adds the public half to the keys beside the file, for a convenient check; an auditor takes the key from elsewhere. */
async function publishKey(file: string, { kty, crv, x, y, kid }: HeadKey): Promise<HeadKeys> {
  const keysFile = headKeysFile(file);
  const text = await readFile(keysFile, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '{"keys":[]}';
    throw cause;
  });
  const keys = jwksOf(text);
  if (keys === null) throw new HubError('CONFIGURATION', `${keysFile} is not a JWK Set. Move it away; it is written anew.`);
  if (!keys.some((known) => known.kid === kid && known.x === x && known.y === y)) {
    keys.push({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' } as JWK);
    await writeFile(`${keysFile}.new`, `${JSON.stringify({ keys }, null, 2)}\n`, { flush: true });
    await rename(`${keysFile}.new`, keysFile);
  }
  return headKeys({ keys });
}

function jwksOf(text: string): JWK[] | null {
  try {
    const { keys } = JSON.parse(text) as { keys?: JWK[] };
    return Array.isArray(keys) ? keys : null;
  } catch {
    return null;
  }
}

async function syncFolder(file: string): Promise<void> {
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}
