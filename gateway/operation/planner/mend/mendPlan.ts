import type { QueryPlan } from '@apollo/query-planner';
import { Kind, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { JoinMarks } from './joinMarks.ts';
import { mendKeys } from './mendKeys.ts';
import { mendRequires } from './mendRequires.ts';
import { closePlan, openFetches } from './openPlan.ts';

/** Corrects what Apollo's planner is known to get wrong (docs/facts.md, "The public federation audit"). */
export function mendPlan(
  whole: GraphQLSchema,
  marks: JoinMarks,
  document: DocumentNode,
  operationName: string | null,
  plan: QueryPlan,
): QueryPlan {
  const fetches = marks.matter ? openFetches(plan) : null;
  if (fetches === null) return plan;
  const definitions = document.definitions.flatMap((each) =>
    each.kind === Kind.OPERATION_DEFINITION ? (each.variableDefinitions ?? []) : [],
  );
  const variables = new Map(definitions.map((definition) => [definition.variable.name.value, definition]));
  const client = { document, operationName };
  mendKeys(whole, marks, client, fetches);
  mendRequires(marks, client, variables, fetches);
  return closePlan(plan, fetches, variables);
}
