import type { GraphQLError } from 'graphql';
import type { PlannedFetch, PlannedOperation } from './plannedOperation.ts';

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
  /** Sends one fetch. Called at most once for each fetch of the plan, with `representations` among the variables where it asks for entities. */
  fetch(fetch: PlannedFetch, variables: Record<string, unknown>): Promise<FetchAnswer>;
}

export interface PlanResult {
  /** In the shape of the planned operation. */
  readonly data: Record<string, unknown> | null;
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
