import type { Filter } from './match.ts';
import { matches } from './match.ts';
import type { Plan, Sort } from './plan.ts';
import { planFor } from './plan.ts';
import { sortInMemory } from './sortRows.ts';
import type { Table } from './table.ts';
import type { Doc } from './value.ts';
import { fromBson } from './value.ts';

/** A document that was found, decoded. */
export interface Hit {
  readonly rid: number;
  readonly doc: Doc;
  readonly bytes: Uint8Array;
}

export interface Query {
  readonly filter: Filter;
  readonly sort: Sort;
  readonly skip: number;
  /** 0: no limit. */
  readonly limit: number;
}

/** `null` marks a place where a long reading may pause. */
const PAUSE_EVERY = 256;

function* meeting(table: Table, plan: Plan, filter: Filter, expected: number): Generator<Hit | null> {
  let read = 0;
  for (const { rid, doc: bytes } of table.rows(plan, expected)) {
    if (++read % PAUSE_EVERY === 0) yield null;
    const doc = fromBson(bytes);
    if (plan.exact || matches(filter, doc)) yield { rid, doc, bytes };
  }
}

/**
 * The documents of a query, in order, one by one; `null` now and then, where the caller may let others run. Nothing is held open between two steps,
 * so other writes may come between them: like a MongoDB cursor, a long one is no snapshot.
 */
export function* find(table: Table, { filter, sort, skip, limit }: Query): Generator<Hit | null> {
  const plan = planFor(table.indexes, filter, sort);
  const wanted = limit === 0 ? Infinity : skip + limit;
  if (plan.sorted) {
    let met = 0;
    for (const hit of meeting(table, plan, filter, plan.exact ? wanted : Math.max(wanted, 16))) {
      if (hit === null) yield null;
      else if (++met > skip) yield hit;
      if (met >= wanted) return;
    }
    return;
  }
  const sorter = sortInMemory<Hit>(sort, wanted);
  for (const hit of meeting(table, plan, filter, Infinity)) {
    if (hit === null) yield null;
    else sorter.add(hit, hit.doc, hit.bytes.length);
  }
  yield* sorter.sorted().slice(skip);
}

/** All at once: for writes, which run alone inside their transaction. */
export function findNow(table: Table, query: Query): Hit[] {
  return [...find(table, query)].filter((hit) => hit !== null);
}

/** Counts without decoding where the index alone can tell. */
export function* count(table: Table, query: Query): Generator<null, number> {
  const plan = planFor(table.indexes, query.filter, []);
  let met = 0;
  if (plan.exact && plan.scans.length < 2) met = table.count(plan);
  else {
    for (const hit of meeting(table, plan, query.filter, Infinity)) {
      if (hit === null) yield null;
      else met++;
    }
  }
  const left = Math.max(0, met - query.skip);
  return query.limit === 0 ? left : Math.min(left, query.limit);
}
