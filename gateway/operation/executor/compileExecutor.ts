import { GraphQLBoolean, valueFromAST, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { conditionVariables, type ConditionValues } from '../conditions.ts';
import type { PlanExecutor, PlanRun } from '../planExecutor.ts';
import type { PlannedOperation } from '../plannedOperation.ts';
import type { Shape } from '../prune.ts';
import { compileSteps } from './compileSteps.ts';
import { compileWriter } from './compileWriter.ts';
import type { Running, Step } from './step.ts';
import type { Write } from './write.ts';
import { WrittenResult } from './writtenResult.ts';

/** Two views of one supergraph. */
export interface ExecutedGraph {
  /** What clients see. */
  readonly api: GraphQLSchema;
  /** Everything, inaccessible elements included: which types are which is looked up here. */
  readonly whole: GraphQLSchema;
}

interface CompiledPlan {
  readonly start: Step;
  readonly conditionsOf: (variables: PlanRun['variables']) => ConditionValues;
  readonly writerFor: (conditions: ConditionValues, shape: readonly Shape[] | null) => Write;
}

/** Writers held for one plan: a client that flips its conditions makes no more. */
const MOST_WRITERS = 8;

/**
 * Runs plans as closures made once for each: nothing of a plan or a document is looked at again while it runs. What is made lives as long as
 * its plan.
 */
export function compileExecutor(graph: ExecutedGraph): PlanExecutor {
  const compiled = new WeakMap<PlannedOperation, CompiledPlan>();
  return {
    run(planned, run) {
      let plan = compiled.get(planned);
      if (plan === undefined) {
        plan = compilePlan(graph, planned);
        compiled.set(planned, plan);
      }
      return start(plan, run);
    },
  };
}

function start({ start: step, conditionsOf, writerFor }: CompiledPlan, run: PlanRun): Promise<WrittenResult> {
  const { variables, shape = null } = run;
  const conditions = conditionsOf(variables);
  const running: Running = { variables, conditions, fetch: run.fetch, data: {}, errors: [] };
  return new Promise<void>((resolve) => step(running, resolve)).then(() => {
    const writing = { variables, unfit: [] };
    const text = writerFor(conditions, shape)(running.data, writing);
    return new WrittenResult(text, running.errors, writing.unfit);
  });
}

function compilePlan({ api, whole }: ExecutedGraph, planned: PlannedOperation): CompiledPlan {
  const names = conditionVariables(planned.document);
  const defaults = defaultsOf(planned);
  const writers = new LRUCache<string, { readonly shape: readonly Shape[] | null; readonly write: Write }>({ max: MOST_WRITERS });
  return {
    start: compileSteps(whole, planned),
    conditionsOf(variables) {
      if (names.length === 0) return NO_CONDITIONS;
      return Object.fromEntries(
        names.map((name) => [name, (Object.hasOwn(variables, name) ? variables[name] : defaults.get(name)) === true]),
      );
    },
    writerFor(conditions, shape) {
      const key = names.length === 0 ? '' : names.map((name) => (conditions[name] === true ? '1' : '0')).join('');
      let held = writers.get(key);
      if (held?.shape !== shape) {
        held = { shape, write: compileWriter(api, planned, conditions, shape) };
        writers.set(key, held);
      }
      return held.write;
    },
  };
}

const NO_CONDITIONS: ConditionValues = {};

function defaultsOf({ operation }: PlannedOperation): ReadonlyMap<string, unknown> {
  return new Map(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromAST(defaultValue, GraphQLBoolean)]],
    ),
  );
}
