import mongoose from 'mongoose';
import { compareKeys, encodeValue, UNDEFINED_KEY } from './keyEncoding.ts';
import { follow } from './path.ts';
import type { Sort } from './plan.ts';
import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';

/** MongoDB's own bound on a sort without an index. */
const MAX_BYTES = 100 * 1024 * 1024;

/** Reads `{path: 1 | -1}`, a Map or pairs of the same. */
export function readSort(spec: unknown): Sort {
  const pairs: [unknown, unknown][] =
    spec instanceof Map
      ? [...(spec as Map<unknown, unknown>)]
      : Array.isArray(spec)
        ? (spec as [unknown, unknown][])
        : Object.entries(spec ?? {});
  return pairs.map(([path, direction]) => {
    if (typeof path !== 'string' || path.includes('$') || (direction !== 1 && direction !== -1))
      throw unsupported(`sort by ${String(path)}: ${String(direction)}`);
    return { path, parts: path.split('.'), descending: direction === -1 };
  });
}

/** Of an array the least element counts, or the greatest when descending; missing is null, an empty array less. */
function sortKey(doc: Doc, { parts, descending }: Sort[number]): Buffer {
  const keys = follow(doc, parts, 'elements').values.map(encodeValue).sort(compareKeys);
  return (descending ? keys[keys.length - 1] : keys[0]) ?? UNDEFINED_KEY;
}

interface Sortable<T> {
  readonly item: T;
  readonly keys: readonly Buffer[];
  readonly place: number;
  readonly bytes: number;
}

/**
 * Sorts documents in memory, equal ones in the order they came; holds no more than about twice `limit` of them at a time.
 * Throws MongoServerError 292 beyond 100 MiB.
 */
export function sortInMemory<T>(sort: Sort, limit: number): { add(item: T, doc: Doc, bytes: number): void; sorted(): T[] } {
  let held: Sortable<T>[] = [];
  let place = 0;
  let total = 0;
  const compare = (a: Sortable<T>, b: Sortable<T>): number => {
    for (let at = 0; at < sort.length; at++) {
      const order = Buffer.compare(a.keys[at] as Buffer, b.keys[at] as Buffer);
      if (order !== 0) return sort[at]?.descending ? -order : order;
    }
    return a.place - b.place;
  };
  const trim = (): void => {
    held = held.sort(compare).slice(0, limit);
    total = held.reduce((sum, { bytes }) => sum + bytes, 0);
  };
  return {
    add: (item, doc, bytes) => {
      held.push({ item, keys: sort.map((field) => sortKey(doc, field)), place: place++, bytes });
      total += bytes;
      if (held.length > limit * 2 + 64) trim();
      if (total > MAX_BYTES)
        throw new mongoose.mongo.MongoServerError({ message: 'Sort exceeded memory limit of 104857600 bytes', code: 292 });
    },
    sorted: () => (trim(), held.map(({ item }) => item)),
  };
}
