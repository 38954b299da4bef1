import { executeSync, Kind, type FieldNode, type GraphQLSchema } from 'graphql';
import type { PlannedOperation } from '../plannedOperation.ts';
import { misfit, type Write } from './write.ts';

/** `__schema` and `__type`, answered by graphql-js from what clients see of the schema. */
export function introspect(
  api: GraphQLSchema,
  { operation, fragments }: PlannedOperation,
  key: string,
  nodes: readonly FieldNode[],
): Write {
  const asked = { ...operation, selectionSet: { kind: Kind.SELECTION_SET as const, selections: nodes } };
  const document = { kind: Kind.DOCUMENT as const, definitions: [asked, ...fragments] };
  return (value, writing) => {
    const { data } = executeSync({ schema: api, document, variableValues: writing.variables });
    return data ? JSON.stringify(data[key]) : misfit(value, writing);
  };
}
