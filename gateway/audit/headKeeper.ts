import type { Clock } from '../domain/clock.ts';
import { shardHead, shardHeads, type BatchModel } from './batchModel.ts';
import type { ShardHead } from './batch.ts';
import type { HeadFile } from './headFile.ts';

/** A head follows a change within this many milliseconds. */
const WITHIN = 1000;
/** A shard that has been still for so long belongs to a process that has ended. */
const STILL = 60 * 60 * 1000;

export interface HeadKeeper {
  /** The process's own shard has grown. */
  grown(head: ShardHead): void;
  /** Signs what has changed; resolves when it is on disk. */
  sign(): Promise<void>;
  /** Signs what has changed and closes the file. */
  close(): Promise<void>;
}

export interface HeadKeeperOptions {
  readonly model: BatchModel;
  readonly file: HeadFile;
  readonly shard: string;
  readonly now: Clock;
  /** Other processes write to the same database: their shards are read again before each head. */
  readonly others: boolean;
  readonly alarm: (sentence: string, cause?: unknown) => void;
}

/** Keeps the signed heads: over all shards, at most a second behind the log while it grows. */
export async function keepHeads({ model, file, shard, now, others, alarm }: HeadKeeperOptions): Promise<HeadKeeper> {
  const shards = new Map<string, ShardHead & { at?: number }>(file.signed);
  const told = new Set<string>();
  let changed = false;
  let timer: NodeJS.Timeout | null = null;
  let signing: Promise<void> = Promise.resolve();

  function take(id: string, head: ShardHead & { at?: number }): void {
    const known = shards.get(id);
    if (known !== undefined && (head.seq < known.seq || (head.seq === known.seq && head.hash !== known.hash))) {
      if (!told.has(id))
        alarm(
          `Shard ${id} of the audit log is not what its signed head says: signed up to batch ${known.seq}, found batch ${head.seq}. Run audit:verify.`,
        );
      told.add(id);
      return;
    }
    if (known?.hash !== head.hash) changed = true;
    shards.set(id, head);
  }

  const found = await shardHeads(model);
  for (const id of shards.keys()) if (!found.has(id)) alarm(`Shard ${id} of the audit log is signed, but gone. Run audit:verify.`);
  for (const [id, head] of found) take(id, head);

  async function readOthers(): Promise<void> {
    for (const [id, head] of await shardHeads(model, now() - STILL)) if (id !== shard) take(id, head);
    for (const [id, { at }] of shards) {
      if (id === shard || at === undefined || at < now() - STILL) continue;
      const head = await shardHead(model, id);
      if (head !== null) take(id, head);
    }
  }

  async function signNow(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (others) await readOthers();
    if (!changed) return;
    changed = false;
    try {
      await file.sign(shard, shards);
    } catch (cause) {
      changed = true;
      throw cause;
    }
  }

  function sign(): Promise<void> {
    const next = signing.catch(() => undefined).then(signNow);
    signing = next;
    return next;
  }

  function later(): void {
    timer ??= setTimeout(() => {
      timer = null;
      sign().catch((cause: unknown) => {
        alarm('A head of the audit log could not be signed; it is tried again.', cause);
        later();
      });
    }, WITHIN).unref();
  }

  return {
    grown(head) {
      shards.set(shard, head);
      changed = true;
      later();
    },
    sign,
    async close() {
      await sign().catch((cause: unknown) => alarm('The last head of the audit log could not be signed; the next start signs it.', cause));
      if (timer !== null) clearTimeout(timer);
      await file.close();
    },
  };
}
