import type { GraphQLError } from 'graphql';
import type { ConditionValues } from '../conditions.ts';
import type { PlanRun } from '../planExecutor.ts';
import type { Data } from './mergeData.ts';

/** One run of a plan. */
export interface Running extends PlanRun {
  /** What has come so far, by response key, with whatever the planner asked beside. */
  readonly data: Data;
  readonly errors: GraphQLError[];
  /** The variables that decide @skip and @include, with their defaults. */
  readonly conditions: ConditionValues;
}

/**
 * A part of a plan, compiled. It calls `done` once, and at once where nothing has to be waited for: a promise for each part would cost more
 * than the part. It does not throw.
 */
export type Step = (running: Running, done: () => void) => void;
