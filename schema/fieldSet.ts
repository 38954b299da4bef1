/**
 * The one wire form for a set of fields (docs/contract.md §1): dataset id → leaf paths below the dataset's root, `records` left out.
 * Normal form: datasets and paths sorted, no duplicate, no empty dataset.
 */
export type FieldSet = Readonly<Record<string, readonly string[]>>;

/** Normal form of datasets and paths, in any order and with duplicates. Frozen. */
export function fieldSet(entries: Iterable<readonly [dataset: string, paths: Iterable<string>]>): FieldSet {
  const sets = new Map<string, Set<string>>();
  for (const [dataset, paths] of entries) {
    const set = sets.get(dataset) ?? new Set<string>();
    for (const path of paths) set.add(path);
    sets.set(dataset, set);
  }
  const sorted = [...sets].filter(([, set]) => set.size > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.freeze(Object.fromEntries(sorted.map(([dataset, set]) => [dataset, Object.freeze([...set].sort())])));
}

/** Every field of either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return fieldSet([...Object.entries(a), ...Object.entries(b)]);
}

/** The fields of `a` that are also in `b`. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return fieldSet(Object.entries(a).map(([dataset, paths]) => [dataset, paths.filter((path) => hasField(b, dataset, path))]));
}

/** The fields of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return fieldSet(Object.entries(a).map(([dataset, paths]) => [dataset, paths.filter((path) => !hasField(b, dataset, path))]));
}

/** Whether every field of `part` is in `whole`. */
export function isWithin(part: FieldSet, whole: FieldSet): boolean {
  return Object.entries(part).every(([dataset, paths]) => paths.every((path) => hasField(whole, dataset, path)));
}

/** Whether the set names this field. Own members only: a dataset called `__proto__` is no field. */
export function hasField(set: FieldSet, dataset: string, path: string): boolean {
  return Object.hasOwn(set, dataset) && (set[dataset]?.includes(path) ?? false);
}

/** Whether the set names nothing. */
export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}
