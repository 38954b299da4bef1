import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { Kind, type DocumentNode } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import type { Graph } from './graph.ts';
import { mendPlan } from './planner/mend/mendPlan.ts';
import { readPlan, type PlannedOperation, type PlanOptions } from './plannedOperation.ts';

/** Plans by Apollo's planner, in this thread: synchronous, and the dearest step of all. Serving asks planner/ instead. */
export function planOperation(graph: Graph, document: DocumentNode, options: PlanOptions): PlannedOperation {
  return readPlan(buildPlan(graph, document, options.operationName ?? null), document, options);
}

/** The plan as Apollo's planner makes it, mended. Throws OPERATION_INVALID where it makes none, though something is asked: composition let that pass. */
export function buildPlan({ planner, plannerApi, whole, marks }: Graph, document: DocumentNode, operationName: string | null): QueryPlan {
  const plan = planner.buildQueryPlan(operationFromDocument(plannerApi, document, operationName === null ? {} : { operationName }));
  if (plan.node === undefined && asksOfSubgraphs(document, operationName))
    throw new HubError('OPERATION_INVALID', 'No subgraph can answer what it asks.');
  return mendPlan(whole, marks, document, operationName, plan);
}

/** Whether a field of the root runs for certain that is not GraphQL's own. */
function asksOfSubgraphs(document: DocumentNode, operationName: string | null): boolean {
  return document.definitions.some(
    (each) =>
      each.kind === Kind.OPERATION_DEFINITION &&
      (operationName === null || each.name?.value === operationName) &&
      each.selectionSet.selections.some(
        (field) => field.kind === Kind.FIELD && field.directives?.length === 0 && !field.name.value.startsWith('__'),
      ),
  );
}
