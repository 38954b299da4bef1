import { compareKeys, encodeValue } from './keyEncoding.ts';
import { follow } from './path.ts';
import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';
import { isDoc, TYPE, typeRank } from './value.ts';

/** One condition on the values at one path. */
export type Condition =
  | { readonly op: 'in'; readonly keys: readonly Buffer[]; readonly scalar: boolean; readonly nullish: boolean }
  | { readonly op: 'gt' | 'gte' | 'lt' | 'lte'; readonly key: Buffer }
  | { readonly op: 'exists' }
  | { readonly op: 'elemMatch'; readonly test: (element: unknown) => boolean }
  | { readonly op: 'not'; readonly of: Condition };

/** A filter, read once: what has to hold all together, and alternatives of which one has to hold. */
export interface Filter {
  readonly fields: readonly { readonly path: string; readonly parts: readonly string[]; readonly condition: Condition }[];
  readonly alternatives: readonly (readonly Filter[])[];
}

type Range = 'gt' | 'gte' | 'lt' | 'lte';
const RANGES: Readonly<Record<string, Range>> = { $gt: 'gt', $gte: 'gte', $lt: 'lt', $lte: 'lte' };
const SCALARS: ReadonlySet<number> = new Set([TYPE.NUMBER, TYPE.STRING, TYPE.BINARY, TYPE.OBJECT_ID, TYPE.BOOLEAN, TYPE.DATE]);

const isOperators = (value: unknown): value is Doc => isDoc(value) && Object.keys(value).some((name) => name.startsWith('$'));

function anyOf(operands: readonly unknown[]): Condition {
  const keys = operands.map(encodeValue).sort(compareKeys);
  const ranks = operands.map(typeRank);
  return {
    op: 'in',
    keys: keys.filter((key, at) => at === 0 || !key.equals(keys[at - 1] as Buffer)),
    scalar: !ranks.includes(TYPE.ARRAY),
    nullish: ranks.includes(TYPE.NULL),
  };
}

function readOperator(name: string, operand: unknown): Condition {
  const range = RANGES[name];
  if (range) {
    if (!SCALARS.has(typeRank(operand))) throw unsupported(`${name} with null, an object or an array`);
    return { op: range, key: encodeValue(operand) };
  }
  switch (name) {
    case '$eq':
      return anyOf([operand]);
    case '$ne':
      return { op: 'not', of: anyOf([operand]) };
    case '$in':
    case '$nin': {
      if (!Array.isArray(operand)) throw unsupported(`${name} without an array`);
      const condition = anyOf(operand);
      return name === '$in' ? condition : { op: 'not', of: condition };
    }
    case '$exists':
      return operand === true || operand === 1 ? { op: 'exists' } : { op: 'not', of: { op: 'exists' } };
    case '$elemMatch':
      return { op: 'elemMatch', test: readElement(operand) };
    default:
      throw unsupported(name);
  }
}

/** `$elemMatch`: operators look at the element itself, a filter at its members. */
function readElement(operand: unknown): (element: unknown) => boolean {
  if (!isDoc(operand)) throw unsupported('$elemMatch without an object');
  if (isOperators(operand) && !('$or' in operand) && !('$and' in operand)) {
    const conditions = readOperators(operand);
    return (element) => conditions.every((condition) => holds(condition, [element], element));
  }
  const filter = readFilter(operand);
  return (element) => isDoc(element) && matches(filter, element);
}

const readOperators = (operators: Doc): Condition[] => Object.entries(operators).map(([name, operand]) => readOperator(name, operand));

/** Reads a filter of the subset; throws STORE_UNSUPPORTED with the name of anything else. `filter` must be plain (value.ts). */
export function readFilter(filter: Doc): Filter {
  const fields: Filter['fields'][number][] = [];
  const alternatives: (readonly Filter[])[] = [];
  for (const [path, operand] of Object.entries(filter)) {
    if (path === '$and' || path === '$or') {
      if (!Array.isArray(operand) || operand.length === 0 || !operand.every(isDoc)) throw unsupported(`${path} without filters`);
      const filters = operand.map(readFilter);
      if (path === '$or') alternatives.push(filters);
      for (const each of path === '$and' ? filters : []) {
        fields.push(...each.fields);
        alternatives.push(...each.alternatives);
      }
    } else {
      if (path.startsWith('$')) throw unsupported(path);
      const parts = path.split('.');
      const conditions = isOperators(operand) ? readOperators(operand) : [anyOf([operand])];
      for (const condition of conditions) fields.push({ path, parts, condition });
    }
  }
  return { fields, alternatives };
}

function isIn(keys: readonly Buffer[], nullish: boolean, value: unknown): boolean {
  if (value === undefined || value === null) return nullish;
  const key = encodeValue(value);
  if (keys.length === 1) return key.equals(keys[0] as Buffer);
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = Buffer.compare(keys[middle] as Buffer, key);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

function inRange(op: Range, bound: Buffer, value: unknown): boolean {
  if (typeRank(value) !== bound[0]) return false;
  const order = Buffer.compare(encodeValue(value), bound);
  return op === 'gt' ? order > 0 : op === 'gte' ? order >= 0 : op === 'lt' ? order < 0 : order <= 0;
}

/** `values`: what the path leads to, arrays expanded; `arrays`: the same, not expanded (only for `$elemMatch`). */
function holds(condition: Condition, values: readonly unknown[], ...arrays: readonly unknown[]): boolean {
  switch (condition.op) {
    case 'in':
      return values.some((value) => isIn(condition.keys, condition.nullish, value));
    case 'exists':
      return values.some((value) => value !== undefined);
    case 'elemMatch':
      return arrays.some((array) => Array.isArray(array) && array.some(condition.test));
    case 'not':
      return !holds(condition.of, values, ...arrays);
    default:
      return values.some((value) => inRange(condition.op, condition.key, value));
  }
}

/** Whether a document meets the filter, by MongoDB's rules for arrays, null and missing members. */
export function matches(filter: Filter, doc: unknown): boolean {
  return (
    filter.fields.every(({ parts, condition }) => {
      const arrays = condition.op === 'elemMatch' ? follow(doc, parts, 'itself').values : [];
      return holds(condition, follow(doc, parts, 'both').values, ...arrays);
    }) && filter.alternatives.every((branches) => branches.some((branch) => matches(branch, doc)))
  );
}
