import type { GraphQLError } from 'graphql';
import type { PlannedFetch, PlannedOperation } from './plannedOperation.ts';
import type { Shape } from './prune.ts';

/** What one fetch brought. A failure that the client is told otherwise is `data: null` without errors. */
export interface FetchAnswer {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export interface PlanRun {
  /** As the client sent them; their fit to the schema has been checked. */
  readonly variables: Readonly<Record<string, unknown>>;
  /**
   * Sends one fetch; an answer that needs no waiting may come without a promise. Called at most once for each fetch of the plan, with
   * `representations` among the variables where it asks for entities. What it answers is handed over: the executor builds on it.
   */
  readonly fetch: (fetch: PlannedFetch, variables: Record<string, unknown>) => FetchAnswer | Promise<FetchAnswer>;
  /** How the client's answer differs from the planned operation's: the same at each run of one plan. Absent: not at all. */
  readonly shape?: readonly Shape[];
}

export interface PlanResult {
  /** In the shape of the planned operation, or in the one that the run names. Null: a null reached the root. */
  readonly data: Record<string, unknown> | null;
  /** The JSON text of `data`. */
  readonly text: string;
  readonly errors: readonly GraphQLError[];
  /** Response paths of values that did not fit the schema and were left out. */
  readonly unfit: readonly (readonly (string | number)[])[];
}

/**
 * Runs a checked plan: the seam behind which the compiled executor takes the stock one's place. It knows nothing of consents, warrants or
 * callers; whoever calls it gives it `fetch`.
 */
export interface PlanExecutor {
  run(planned: PlannedOperation, run: PlanRun): Promise<PlanResult>;
}
