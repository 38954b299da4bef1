import { LRUCache } from 'lru-cache';

/** What a stored byte takes as objects in memory: 2.2 for a consent, measured; rounded up. */
const TIMES_STORED = 3;

/** Told of what happens to the documents of one collection. */
export interface DocumentWatch {
  /** A transaction has changed, made or removed the document. */
  changed(id: unknown): void;
  /** A transaction has removed all of them. */
  dropped(): void;
  /** All transactions so far are on the disk, or were undone. */
  settled(): void;
}

/**
 * Documents of one collection in memory by `_id`, as their reader made them: bounded by bytes, deeply frozen, because many hold them at once.
 *
 * Memory can stand for the file because every write to it passes here, inside its own transaction and before anybody can read again. The write
 * takes its document out; until the disk has the transaction, or it was undone, the document is read from the file each time and not held. So
 * what is held is never older than a write that was acknowledged, and never newer than the disk. After a sync that failed nothing settles any
 * more: what was in doubt stays out.
 */
export class HeldDocuments<Read extends object> implements DocumentWatch {
  readonly #held: LRUCache<string, Read>;
  readonly #unsettled = new Set<string>();

  constructor(maxBytes: number) {
    this.#held = new LRUCache({ maxSize: maxBytes, maxEntrySize: Math.ceil(maxBytes / 8) });
  }

  get(id: string): Read | undefined {
    return this.#held.get(id);
  }

  /** `stored`: bytes of the document in the file. */
  hold(id: string, document: Read, stored: number): void {
    if (!this.#unsettled.has(id)) this.#held.set(id, frozen(document), { size: id.length + TIMES_STORED * stored });
  }

  changed(id: unknown): void {
    if (typeof id !== 'string') return;
    this.#held.delete(id);
    this.#unsettled.add(id);
  }

  dropped(): void {
    this.#held.clear();
  }

  settled(): void {
    if (this.#unsettled.size > 0) this.#unsettled.clear();
  }
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
