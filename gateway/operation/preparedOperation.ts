import { print } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Contract } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { checkPlan, type CheckedFetch } from './checkPlan.ts';
import { closureOf, type Closure } from './closure.ts';
import type { CompiledOperation } from './compiledOperation.ts';
import type { ConditionValues } from './conditions.ts';
import type { Graph } from './graph.ts';
import { planOperation, type PlannedOperation } from './plannedOperation.ts';
import { prune, type Pruned } from './prune.ts';
import { readSelection, type SelectedField, type Selection } from './selection.ts';

/** A compiled operation under given conditions: what it would reveal. */
export interface SelectedOperation {
  readonly key: string;
  readonly compiled: CompiledOperation;
  readonly selection: Selection;
  readonly closure: Closure;
}

/** A selected operation without its refused leaves, planned and checked. No reason, id or consent state is in here: it is shared by callers. */
export interface PreparedOperation {
  readonly pruned: Pruned;
  /** Null: nothing is left to run. */
  readonly planned: PlannedOperation | null;
  /** For each fetch of the plan; null for the hub's own. */
  readonly checked: readonly (CheckedFetch | null)[];
}

export interface OperationCache {
  select(compiled: CompiledOperation, conditions: ConditionValues): SelectedOperation;
  /** Prunes, plans and checks, once for each (document, conditions, permitted set). Throws PLAN_OUTSIDE_CONSENT. */
  prepare(selected: SelectedOperation, permitted: FieldSet): PreparedOperation;
}

export interface OperationCacheOptions {
  readonly graph: Graph;
  readonly contract: Contract;
  /** Bytes of each of the two caches, about. */
  readonly cacheBytes?: number;
}

/** A plan, its ASTs and its shape, for each character of the pruned text. */
const BYTES_PER_CHARACTER = 200;
const BYTES_AT_LEAST = 4_000;

/** Holds what is dear to make, bounded by bytes: many documents, or many refused sets of one, push out the oldest and nothing else. */
export function createOperationCache({ graph, contract, cacheBytes = 24 * 1024 * 1024 }: OperationCacheOptions): OperationCache {
  const selections = new LRUCache<string, SelectedOperation>({ maxSize: cacheBytes });
  const prepared = new LRUCache<string, PreparedOperation>({ maxSize: cacheBytes });

  return {
    select(compiled, conditions) {
      const bits = compiled.conditions.map((name) => (conditions[name] === true ? '1' : '0')).join('');
      const key = `${compiled.documentHash}.${bits}.${compiled.operationName ?? ''}`;
      const known = selections.get(key);
      if (known !== undefined) return known;
      const selection = readSelection(graph.api, compiled, conditions);
      const selected = { key, compiled, selection, closure: closureOf(contract, selection) };
      selections.set(key, selected, { size: BYTES_AT_LEAST + countFields(selection) * 300 });
      return selected;
    },
    prepare(selected, permitted) {
      const key = `${selected.key} ${JSON.stringify(permitted)}`;
      const known = prepared.get(key);
      if (known !== undefined) return known;
      const pruned = prune(contract, selected.compiled, selected.selection, permitted);
      const planned = pruned.document === null ? null : planOperation(graph, pruned.document, { askIds: true });
      const checked = planned === null ? [] : checkPlan(contract, graph.whole, planned, permitted);
      const made = { pruned, planned, checked };
      const characters = key.length + (pruned.document === null ? 0 : print(pruned.document).length);
      prepared.set(key, made, { size: BYTES_AT_LEAST + characters * BYTES_PER_CHARACTER });
      return made;
    },
  };
}

function countFields({ roots }: Selection): number {
  return roots.reduce((sum, root) => sum + (root.kind === 'SUBJECT' ? countBelow(root.field) : 1), 0);
}

function countBelow(field: SelectedField): number {
  return (field.fields ?? []).reduce((sum, child) => sum + countBelow(child), 1);
}
