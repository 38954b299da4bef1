import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode } from 'graphql';
import type { Graph } from './graph.ts';
import { readPlan, type PlannedOperation, type PlanOptions } from './plannedOperation.ts';

/** Plans by Apollo's planner, in this thread: synchronous, and the dearest step of all. Serving asks planner/ instead. */
export function planOperation(graph: Graph, document: DocumentNode, options: PlanOptions): PlannedOperation {
  return readPlan(buildPlan(graph, document, options.operationName ?? null), document, options);
}

/** The plan as Apollo's planner makes it. */
export function buildPlan({ planner, plannerApi }: Graph, document: DocumentNode, operationName: string | null): QueryPlan {
  return planner.buildQueryPlan(operationFromDocument(plannerApi, document, operationName === null ? {} : { operationName }));
}
