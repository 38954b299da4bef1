import type { Index } from './indexes.ts';
import { afterPrefix, invert } from './keyEncoding.ts';
import type { Condition, Filter } from './match.ts';

/** Keys from `low` (inclusive) to `high` (exclusive), in byte order. */
export interface Range {
  readonly low: Buffer;
  readonly high: Buffer;
}

/** Parts of one index to read. */
export interface Scan {
  readonly index: Index;
  readonly ranges: readonly Range[];
  /** Each range is one key of a unique index: its `low`. */
  readonly points: boolean;
}

/** How the candidates of a filter are found. */
export interface Plan {
  /** Empty: nothing fits, the whole collection is read. */
  readonly scans: readonly Scan[];
  /** Candidates come in the order that was asked for; `reverse`: by reading the index backwards. */
  readonly sorted: boolean;
  readonly reverse: boolean;
  /** Each candidate meets the filter: no need to look again. */
  readonly exact: boolean;
}

export type Sort = readonly { readonly path: string; readonly parts: readonly string[]; readonly descending: boolean }[];

interface Candidate extends Scan {
  readonly plan: Plan;
  readonly score: number;
}

/** Above every key: no type byte, inverted or not, is 0xff. */
const HIGHEST = Buffer.from([0xff]);
/** Score of one key of a unique index. */
const UNBEATABLE = 1000;
/** Where `$in` lists on several fields multiply beyond this, the rest of the index is not used. */
const MAX_RANGES = 4096;

const after = (key: Buffer): Buffer => afterPrefix(key) ?? HIGHEST;

type Bounded = Extract<Condition, { key: Buffer }>;

/** The part of the index (below the fields before) where a range condition holds; a range never leaves its operand's type. */
function bound(condition: Bounded, descending: boolean): { low?: Buffer; high?: Buffer } {
  const key = descending ? invert(condition.key) : condition.key;
  const upward = condition.op.startsWith('g') !== descending;
  const inclusive = condition.op.endsWith('e');
  if (upward) return { low: inclusive ? key : after(key) };
  return { high: inclusive ? after(key) : key };
}

function rangeOf(conditions: readonly Bounded[], descending: boolean): Range {
  const type = (conditions[0] as Bounded).key.subarray(0, 1);
  let low = descending ? invert(type) : type;
  let high = after(low);
  for (const condition of conditions) {
    const { low: floor, high: ceiling } = bound(condition, descending);
    if (floor && Buffer.compare(floor, low) > 0) low = floor;
    if (ceiling && Buffer.compare(ceiling, high) < 0) high = ceiling;
  }
  return { low, high };
}

const isBounded = (condition: Condition): condition is Bounded => 'key' in condition;

/** What one index can do for a filter and an order. */
function tryIndex(index: Index, filter: Filter, sort: Sort): Candidate | null {
  const used = new Set<Condition>();
  const fixed = new Set<string>();
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let equalities = 0;
  for (const { path, descending } of index.fields) {
    const found = filter.fields.find((field) => field.path === path && field.condition.op === 'in')?.condition;
    if (found?.op !== 'in' || (prefixes.length > 1 && prefixes.length * found.keys.length > MAX_RANGES)) break;
    const keys = descending ? found.keys.map(invert) : found.keys;
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key])));
    used.add(found);
    if (keys.length === 1) fixed.add(path);
    equalities++;
  }
  const next = index.fields[equalities];
  const bounded = next
    ? filter.fields.filter(({ path, condition }) => path === next.path && isBounded(condition)).map(({ condition }) => condition as Bounded)
    : [];
  // On a multikey index the two sides of a range may be met by two elements; and two ranges of different types can only be met by two elements, or by none.
  const usable = bounded.filter(({ key }, at) => at === 0 || (!index.multikey && key[0] === bounded[0]?.key[0]));
  for (const condition of usable) used.add(condition);
  const range = next && usable.length > 0 ? rangeOf(usable, next.descending) : null;
  const ranges = prefixes
    .map((prefix) =>
      range ? { low: Buffer.concat([prefix, range.low]), high: Buffer.concat([prefix, range.high]) } : { low: prefix, high: after(prefix) },
    )
    .sort((a, b) => Buffer.compare(a.low, b.low));
  if (index.sparse && ![...used].some((condition) => condition.op !== 'in' || !condition.nullish)) return null;

  const rest = sort.filter(({ path }) => !fixed.has(path));
  const following = index.fields.slice(fixed.size);
  const reverse = rest.length > 0 && rest[0]?.descending !== following[0]?.descending;
  const ordered =
    !index.multikey &&
    fixed.size === equalities &&
    rest.every((field, at) => field.path === following[at]?.path && (field.descending !== following[at]?.descending) === reverse);
  const whole = index.unique && fixed.size === index.fields.length;
  const score = (whole ? UNBEATABLE : 0) + equalities * 4 + (range ? 2 : 0) + (ordered && sort.length > 0 ? 1 : 0);
  const exact = !index.multikey && filter.alternatives.length === 0 && filter.fields.every(({ condition }) => used.has(condition));
  const scan = { index, ranges, points: index.unique && equalities === index.fields.length };
  return { ...scan, score, plan: { scans: [scan], sorted: ordered, reverse, exact } };
}

/** Chooses the index that narrows most: equalities first, then a range, then an order. An `$or` is read branch by branch when each branch has an index. */
export function planFor(indexes: readonly Index[], filter: Filter, sort: Sort): Plan {
  let best: Candidate | null = null;
  for (const index of indexes) {
    const candidate = tryIndex(index, filter, sort);
    if (candidate && candidate.score > (best?.score ?? 0)) best = candidate;
    if (best && best.score >= UNBEATABLE) break;
  }
  if (best && best.score > 1) return best.plan;
  for (const branches of filter.alternatives) {
    const plans = branches.map((branch) => planFor(indexes, branch, []));
    if (plans.every(({ scans }) => scans.length > 0))
      return { scans: plans.flatMap(({ scans }) => scans), sorted: false, reverse: false, exact: false };
  }
  if (best) return best.plan;
  return { scans: [], sorted: sort.length === 0, reverse: false, exact: filter.fields.length === 0 && filter.alternatives.length === 0 };
}
