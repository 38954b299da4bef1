import { print } from 'graphql';
import { sha256 } from '../../schema/canonical.ts';
import type { Contract } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { astBytes } from './astBytes.ts';
import { checkPlan, type CheckedFetch } from './checkPlan.ts';
import { closureOf, type Closure } from './closure.ts';
import type { CompiledOperation } from './compiledOperation.ts';
import type { ConditionValues } from './conditions.ts';
import { createFairCache } from './fairCache.ts';
import { readPlan, type PlannedOperation } from './plannedOperation.ts';
import type { Planner } from './planner/planner.ts';
import { prune, type Pruned } from './prune.ts';
import { readSelection, type SelectedField, type Selection } from './selection.ts';
import type { ServedGraph } from './servedGraph.ts';

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
  /** `client`: on whose account it is held. */
  select(compiled: CompiledOperation, conditions: ConditionValues, client: string): SelectedOperation;
  /** Prunes, plans and checks, once for each (document, conditions, permitted set). Throws PLAN_OUTSIDE_CONSENT, and what the planner throws. */
  prepare(selected: SelectedOperation, permitted: FieldSet, client: string): PreparedOperation | Promise<PreparedOperation>;
}

export interface OperationCacheOptions {
  readonly graph: ServedGraph;
  readonly contract: Contract;
  readonly planner: Planner;
  /** Bytes of what is prepared, about; what is selected may have a third of it. */
  readonly cacheBytes?: number;
}

const MOST_ENTRIES = 10_000;
/** Beside what grows with the operation; measured (docs/facts.md, "Memory"). */
const BYTES_AT_LEAST = 4_000;
const BYTES_PER_FIELD = 300;
/** A fetch's AST, its plan node and the closures that run it, for each byte of the AST. */
const TIMES_AST = 2;

/** Holds what is dear to make, bounded by bytes and by clients' accounts. */
export function createOperationCache({ graph, contract, planner, cacheBytes = 24 * 1024 * 1024 }: OperationCacheOptions): OperationCache {
  const selections = createFairCache<SelectedOperation>({ maxBytes: cacheBytes / 3, maxEntries: MOST_ENTRIES });
  const prepared = createFairCache<PreparedOperation>({ maxBytes: cacheBytes, maxEntries: MOST_ENTRIES });
  const underWay = new Map<string, Promise<PreparedOperation>>();

  async function makePrepared(key: string, selected: SelectedOperation, permitted: FieldSet, client: string): Promise<PreparedOperation> {
    const made = await planner.turn(client, async (desk) => {
      const pruned = prune(contract, selected.compiled, selected.selection, permitted);
      const { document } = pruned;
      if (document === null) return { pruned, planned: null, checked: [] };
      const planned = readPlan(await desk.plan(print(document), null), document, { askIds: true });
      return { pruned, planned, checked: checkPlan(contract, graph.whole, planned, permitted) };
    });
    prepared.set(key, client, made, BYTES_AT_LEAST + key.length + bytesOf(made));
    return made;
  }

  return {
    select(compiled, conditions, client) {
      const key = keyOf(compiled, conditions);
      const known = selections.get(key, client);
      if (known !== undefined) return known;
      const selection = readSelection(graph.api, compiled, conditions);
      const selected = { key, compiled, selection, closure: closureOf(contract, selection) };
      selections.set(key, client, selected, BYTES_AT_LEAST + countFields(selection) * BYTES_PER_FIELD);
      return selected;
    },
    prepare(selected, permitted, client) {
      const key = `${selected.key} ${digestOf(permitted)}`;
      const known = prepared.get(key, client);
      if (known !== undefined) return known;
      const asked = `${key} ${client}`;
      let making = underWay.get(asked);
      if (making === undefined) {
        making = makePrepared(key, selected, permitted, client).finally(() => underWay.delete(asked));
        underWay.set(asked, making);
      }
      return making;
    },
  };
}

function keyOf({ documentHash, operationName, conditions }: CompiledOperation, values: ConditionValues): string {
  const bits = conditions.map((name) => (values[name] === true ? '1' : '0')).join('');
  return `${documentHash}.${bits}.${operationName ?? ''}`;
}

/** Of sets that cannot change, and are often the same object. */
const digests = new WeakMap<FieldSet, string>();

function digestOf(permitted: FieldSet): string {
  let digest = digests.get(permitted);
  if (digest === undefined) {
    digest = sha256(JSON.stringify(permitted));
    if (Object.isFrozen(permitted)) digests.set(permitted, digest);
  }
  return digest;
}

function bytesOf({ pruned, planned }: PreparedOperation): number {
  if (pruned.document === null || planned === null) return 0;
  const fetches = planned.fetches.reduce((sum, { document, query }) => sum + TIMES_AST * astBytes(document) + 2 * query.length, 0);
  return TIMES_AST * astBytes(pruned.document) + fetches;
}

function countFields({ roots }: Selection): number {
  return roots.reduce((sum, root) => sum + (root.kind === 'SUBJECT' ? countBelow(root.field) : 1), 0);
}

function countBelow(field: SelectedField): number {
  return (field.fields ?? []).reduce((sum, child) => sum + countBelow(child), 1);
}
