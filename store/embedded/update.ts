import mongoose from 'mongoose';
import { encodeValue } from './keyEncoding.ts';
import type { Filter } from './match.ts';
import { matches, readFilter } from './match.ts';
import { isArrayIndex } from './path.ts';
import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';
import { isDoc } from './value.ts';

/** MongoDB's own error and code for an update that does not fit the document. */
const refusal = (code: number, message: string): Error => new mongoose.mongo.MongoServerError({ message, code });

/** Changes the value of one member; given and giving `undefined` for a missing one. */
type Change = (value: unknown, path: string) => unknown;

/** An update, read once. Changes run in the order of their paths, as in MongoDB. */
export interface Update {
  readonly changes: readonly {
    readonly parts: readonly string[];
    readonly path: string;
    readonly change: Change;
    readonly creates: boolean;
  }[];
  readonly onInsert: Update['changes'];
}

const same = (a: unknown, b: unknown): boolean => encodeValue(a).equals(encodeValue(b));

function inc(by: unknown): Change {
  if (typeof by !== 'number') throw refusal(14, 'Cannot increment with a value that is no number');
  return (value, path) => {
    if (value === undefined) return by;
    if (typeof value !== 'number') throw refusal(14, `Cannot apply $inc to ${path}: no number`);
    const sum = value + by;
    if (Number.isNaN(sum)) throw refusal(2, `Cannot apply $inc to ${path}: the sum is no number`);
    return sum;
  };
}

/** `$push` and `$addToSet`: a value, or `{$each: [...], $slice?: n}`. */
function append(operator: '$push' | '$addToSet', operand: unknown): Change {
  const modifiers = isDoc(operand) && Object.keys(operand).some((name) => name.startsWith('$')) ? operand : { $each: [operand] };
  const { $each, $slice, ...others } = modifiers;
  for (const name of Object.keys(others)) throw unsupported(`${operator} with ${name}`);
  if (!Array.isArray($each)) throw unsupported(`${operator} without $each`);
  if ($slice !== undefined && (operator === '$addToSet' || !Number.isInteger($slice))) throw unsupported(`${operator} with $slice`);
  return (value, path) => {
    if (value !== undefined && !Array.isArray(value)) throw refusal(2, `Cannot apply ${operator} to ${path}: no array`);
    const result = [...((value ?? []) as unknown[])];
    for (const element of $each as unknown[])
      if (operator === '$push' || !result.some((present) => same(present, element))) result.push(element);
    if (typeof $slice !== 'number') return result;
    return $slice === 0 ? [] : $slice < 0 ? result.slice($slice) : result.slice(0, $slice);
  };
}

/** `$pull`: elements equal to a value, meeting operators, or (documents) meeting a filter. */
function pull(operand: unknown): Change {
  const onElement = isDoc(operand) && Object.keys(operand).some((name) => name.startsWith('$'));
  const filter: Filter = onElement ? readFilter({ e: operand }) : isDoc(operand) ? readFilter(operand) : readFilter({ e: operand });
  const test = (element: unknown): boolean => {
    if (onElement) return matches(filter, { e: element });
    if (isDoc(operand)) return isDoc(element) && matches(filter, element);
    return same(element, operand);
  };
  return (value, path) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw refusal(2, `Cannot apply $pull to ${path}: no array`);
    return (value as unknown[]).filter((element) => !test(element));
  };
}

const OPERATORS: Readonly<Record<string, (operand: unknown) => { change: Change; creates: boolean }>> = {
  $set: (operand) => ({ change: () => operand, creates: true }),
  $setOnInsert: (operand) => ({ change: () => operand, creates: true }),
  $unset: () => ({ change: () => undefined, creates: false }),
  $inc: (operand) => ({ change: inc(operand), creates: true }),
  $push: (operand) => ({ change: append('$push', operand), creates: true }),
  $addToSet: (operand) => ({ change: append('$addToSet', operand), creates: true }),
  $pull: (operand) => ({ change: pull(operand), creates: false }),
};

function readPath(path: string): string[] {
  const parts = path.split('.');
  for (const part of parts) if (part === '' || part === '__proto__' || part.startsWith('$')) throw unsupported(`path ${path}`);
  return parts;
}

/** Paths in MongoDB's order: by part, numbers as numbers. */
function byParts(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [left = '', right = ''] = [a[at], b[at]];
    if (left === right) continue;
    if (isArrayIndex(left) && isArrayIndex(right)) return Number(left) - Number(right);
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** Reads an update of the subset (operators only, no replacement and no pipeline); `update` must be plain (value.ts). */
export function readUpdate(update: Doc): Update {
  const changes: Update['changes'][number][] = [];
  const onInsert: Update['changes'][number][] = [];
  for (const [operator, members] of Object.entries(update)) {
    const read = OPERATORS[operator];
    if (!read) throw unsupported(operator.startsWith('$') ? operator : 'replacement of a document');
    if (!isDoc(members)) throw unsupported(`${operator} without an object`);
    for (const [path, operand] of Object.entries(members)) {
      (operator === '$setOnInsert' ? onInsert : changes).push({ parts: readPath(path), path, ...read(operand) });
    }
  }
  const all = [...changes, ...onInsert].sort((a, b) => byParts(a.parts, b.parts));
  all.forEach(({ path }, at) => {
    const next = all[at + 1]?.path;
    if (next === path || next?.startsWith(`${path}.`))
      throw refusal(40, `Updating the path '${next}' would create a conflict at '${path}'`);
  });
  return { changes: all.filter((one) => changes.includes(one)), onInsert: all.filter((one) => onInsert.includes(one)) };
}

const MAX_PADDING = 1_500_000;

/** Applies one change below `container`, making members on the way where the operator creates them. */
function applyAt(container: Doc | unknown[], one: Update['changes'][number], at: number): void {
  const part = one.parts[at] as string;
  const last = at === one.parts.length - 1;
  if (Array.isArray(container)) {
    const index = Number(part);
    if (!isArrayIndex(part)) {
      if (!one.creates) return;
      throw refusal(28, `Cannot create field '${part}' in an array at '${one.path}'`);
    }
    const value = container[index];
    if (last) {
      const changed = one.change(value, one.path);
      if (changed === undefined ? index >= container.length : false) return;
      pad(container, index);
      container[index] = changed === undefined ? null : changed;
    } else if (descend(value, one, at)) return;
    else if (one.creates) {
      pad(container, index);
      container[index] = made(one, at + 1);
    }
    return;
  }
  const value = Object.hasOwn(container, part) ? container[part] : undefined;
  if (last) {
    const changed = one.change(value, one.path);
    if (changed === undefined) delete container[part];
    else container[part] = changed;
  } else if (descend(value, one, at)) return;
  else if (one.creates) container[part] = made(one, at + 1);
}

function pad(array: unknown[], index: number): void {
  if (index - array.length > MAX_PADDING) throw refusal(2, 'Index too far beyond the end of the array');
  while (array.length < index) array.push(null);
}

/** True when there was something to go down into (or nothing to do there). */
function descend(value: unknown, one: Update['changes'][number], at: number): boolean {
  if (value === undefined) return false;
  if (isDoc(value) || Array.isArray(value)) applyAt(value, one, at + 1);
  else if (one.creates) throw refusal(28, `Cannot create field '${one.parts[at + 1]}' in element at '${one.path}'`);
  return true;
}

function made(one: Update['changes'][number], at: number): Doc {
  const container: Doc = {};
  applyAt(container, one, at);
  return container;
}

/** Applies the update to `doc` itself (a fresh decoded copy). Throws MongoServerError 66 when it would change `_id`. */
export function applyUpdate(update: Update, doc: Doc, inserting: boolean): void {
  const before = doc['_id'];
  const changes = inserting ? [...update.changes, ...update.onInsert].sort((a, b) => byParts(a.parts, b.parts)) : update.changes;
  for (const one of changes) applyAt(doc, one, 0);
  if (before !== undefined && !same(before, doc['_id']))
    throw refusal(66, "Performing an update on the path '_id' would modify the immutable field '_id'");
}

/** What an upsert starts from: the filter's equalities. */
export function upsertSeed(filter: Doc): Doc {
  const seed: Doc = {};
  const set = (path: string, value: unknown): void => applyAt(seed, { path, parts: readPath(path), change: () => value, creates: true }, 0);
  for (const [path, operand] of Object.entries(filter)) {
    if (path === '$and') for (const each of operand as Doc[]) Object.assign(seed, upsertSeed(each));
    else if (path.startsWith('$')) continue;
    else if (!isDoc(operand) || !Object.keys(operand).some((name) => name.startsWith('$'))) set(path, operand);
    else if ('$eq' in operand) set(path, operand['$eq']);
  }
  return seed;
}
