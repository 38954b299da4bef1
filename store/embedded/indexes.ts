import { compareKeys, encodeValue, invert, UNDEFINED_KEY } from './keyEncoding.ts';
import { follow } from './path.ts';
import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';

/** One index of a collection. Its entries are rows (key, rid) of a side table; the key is the members' encodings, one after the other. */
export interface Index {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly { readonly path: string; readonly parts: readonly string[]; readonly descending: boolean }[];
  readonly unique: boolean;
  readonly sparse: boolean;
  /** Some document has had more than one key here: bounds on both sides of a range, and order, can no longer be trusted to the index. */
  multikey: boolean;
}

/** Index fields from MongoDB's `{path: 1 | -1}`. Throws STORE_UNSUPPORTED for text, hashed and other kinds. */
export function readIndexFields(spec: Doc): Index['fields'] {
  return Object.entries(spec).map(([path, direction]) => {
    if (direction !== 1 && direction !== -1) throw unsupported(`index of kind ${String(direction)}`);
    if (path.includes('$')) throw unsupported(`index on ${path}`);
    return { path, parts: path.split('.'), descending: direction === -1 };
  });
}

/** MongoDB's name of an index: `subject_1_at_-1`. */
export const indexName = (fields: Index['fields']): string =>
  fields.map(({ path, descending }) => `${path}_${descending ? -1 : 1}`).join('_');

/**
 * The keys of a document in an index, without doubles. Missing counts as null; an array gives a key for itself and for each element.
 * Every document that a condition on an indexed path can meet has a key within the condition's bounds (plan.ts relies on it).
 */
export function keysOf(index: Index, doc: Doc): { keys: Buffer[]; multikey: boolean } {
  let keys: Buffer[] = [];
  let multikey = false;
  let present = false;
  index.fields.forEach(({ parts, descending }, at) => {
    const { values, throughArray } = follow(doc, parts, 'both');
    multikey ||= throughArray;
    present ||= values.some((value) => value !== undefined);
    const encoded = values.length === 0 ? [UNDEFINED_KEY] : unique(values.map(encodeValue));
    const directed = descending ? encoded.map(invert) : encoded;
    if (at === 0) keys = directed;
    else if (keys.length > 1 && directed.length > 1) throw unsupported(`compound index ${index.name} over two arrays`);
    else keys = keys.flatMap((head) => directed.map((tail) => Buffer.concat([head, tail])));
  });
  return { keys: index.sparse && !present ? [] : keys, multikey };
}

function unique(keys: Buffer[]): Buffer[] {
  if (keys.length < 2) return keys;
  const sorted = keys.sort(compareKeys);
  return sorted.filter((key, at) => at === 0 || !key.equals(sorted[at - 1] as Buffer));
}
