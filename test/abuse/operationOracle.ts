import { executeSync, getNamedType, isObjectType, Kind, parse, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { FieldNode, FragmentDefinitionNode, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { Contract } from '../../schema/contract.ts';
import { hasField, type FieldSet } from '../../schema/fieldSet.ts';

/** Whether a leaf runs below these fields that is permitted: by graphql-js's own CollectFields, not by ours. */
function opens(
  info: GraphQLResolveInfo,
  nodes: readonly FieldNode[],
  type: GraphQLObjectType,
  may: (coordinate: string) => boolean,
): boolean {
  const fragments = info.fragments as Record<string, FragmentDefinitionNode>;
  const below = collectSubfields(info.schema, fragments, info.variableValues, type, nodes);
  return [...below.values()].some((group) => {
    const name = group[0]?.name.value ?? '';
    const field = type.getFields()[name];
    if (field === undefined) return false;
    const named = getNamedType(field.type);
    return isObjectType(named) ? opens(info, group, named, may) : may(`${type.name}.${name}`);
  });
}

/**
 * The brute force: the whole document executed by graphql-js over the full answer, each leaf looked up by its coordinate, each object by the
 * leaves that run below it. It shares no code with the pipeline.
 */
export function redacted(
  api: GraphQLSchema,
  contract: Contract,
  permitted: FieldSet,
  query: string,
  variables: Record<string, unknown>,
  root: unknown,
): unknown {
  const may = (coordinate: string) => {
    const leaf = contract.leaves.get(coordinate);
    return leaf !== undefined && hasField(permitted, leaf.dataset, leaf.path);
  };
  const fieldResolver: GraphQLFieldResolver<Record<string, unknown>, unknown> = (source, _args, _context, info) => {
    const value = source[info.fieldName];
    const parent = info.parentType.name;
    const type = getNamedType(info.returnType);
    if (isObjectType(type) && contract.objects.has(type.name)) return opens(info, info.fieldNodes, type, may) ? value : null;
    return contract.objects.has(parent) && !may(`${parent}.${info.fieldName}`) ? null : value;
  };
  const { data } = executeSync({ schema: api, document: parse(query), rootValue: root, variableValues: variables, fieldResolver });
  return data;
}

/** Leaves that a document runs, `dataset:path`, again by graphql-js's CollectFields alone. */
export function leavesRun(api: GraphQLSchema, contract: Contract, query: string, variables: Record<string, unknown>): Set<string> {
  const document = parse(query);
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  const found = new Set<string>();
  const enter = (type: GraphQLObjectType, groups: ReadonlyMap<string, readonly FieldNode[]>) => {
    for (const group of groups.values()) {
      const name = group[0]?.name.value ?? '';
      const leaf = contract.leaves.get(`${type.name}.${name}`);
      if (leaf !== undefined) found.add(leaf.scope);
      const field = type.getFields()[name];
      const named = field && getNamedType(field.type);
      if (isObjectType(named)) enter(named, collectSubfields(api, fragments, variables, named, group));
    }
  };
  const query_ = api.getQueryType();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION && query_)
      enter(query_, collectFields(api, fragments, variables, query_, definition.selectionSet));
  }
  return found;
}
