import type { Graph } from '../graph.ts';
import { deskOf, type Planner } from './planner.ts';
import { work } from './planningDesk.ts';

/** Plans where it is called, at once and without a deadline: for tests and tools, never for what serves. */
export function inThreadPlanner(graph: Graph): Planner {
  const desk = deskOf(async (job) => work(graph, job));
  return { turn: (_client, take) => take(desk), close: async () => {} };
}
