import { getNamedType, isAbstractType, isObjectType, type GraphQLField, type GraphQLObjectType } from 'graphql';
import type { Walk } from './datasetWalk.ts';
import { hole, type Supergraph } from './supergraph.ts';

/** Everything else must be the hub's own, and may reach data only through `Query.me`. */
export function readHubTypes({ supergraph, objects }: Walk): Set<string> {
  const { schema } = supergraph;
  const hub = [...supergraph.graphs].find(([, name]) => name === 'hub')?.[0];
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const hubTypes = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type)) {
      const foreign = schema.getPossibleTypes(type).find((possible) => objects.has(possible.name) || possible.name === 'DataSubject');
      if (foreign !== undefined || supergraph.graphsOfType(type).join() !== hub)
        hole(type.name, 'an agency has no interfaces and no unions');
    }
    if (!isObjectType(type) || objects.has(type.name) || type.name === 'DataSubject') continue;
    const isRoot = roots.includes(type);
    if (supergraph.applied('dataset', type.astNode).length > 0) hole(type.name, 'no field of DataSubject leads to this dataset');
    if (!isRoot && supergraph.graphsOfType(type).join() !== hub) hole(type.name, "it is neither below a dataset nor the hub's own");
    for (const field of Object.values(type.getFields())) checkHubField(supergraph, objects, hub, type, field);
    hubTypes.add(type.name);
  }
  return hubTypes;
}

function checkHubField(
  supergraph: Supergraph,
  objects: ReadonlyMap<string, string>,
  hub: string | undefined,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): void {
  const coordinate = `${type.name}.${field.name}`;
  if (supergraph.graphsOfField(type, field).join() !== hub) hole(coordinate, 'only the hub has root fields');
  const target = getNamedType(field.type).name;
  if (objects.has(target)) hole(coordinate, `it reaches ${target} around DataSubject`);
  if (target !== 'DataSubject') return;
  const isMe =
    type === supergraph.schema.getQueryType() && field.name === 'me' && field.args.length === 0 && String(field.type) === 'DataSubject';
  if (!isMe) hole(coordinate, 'only Query.me, without arguments, leads to DataSubject');
}
