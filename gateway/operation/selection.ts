import { getNamedType, isAbstractType, isObjectType, Kind } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, GraphQLObjectType, GraphQLSchema, SelectionNode, SelectionSetNode } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import type { CompiledOperation } from './compiledOperation.ts';
import { runs, type ConditionValues } from './conditions.ts';

/** One field that runs, under one response key: fragments expanded, conditions decided, equal keys merged. */
export interface SelectedField {
  /** Response key: the alias, else the name. */
  readonly key: string;
  readonly name: string;
  /** `LowIncome.category`. */
  readonly coordinate: string;
  /** Its first occurrence: name, alias and arguments (the others have the same, by validation). */
  readonly node: FieldNode;
  /** Named type that it returns. */
  readonly type: string;
  /** Null for a leaf. */
  readonly fields: readonly SelectedField[] | null;
}

/** What one operation selects under given conditions. */
export interface Selection {
  readonly roots: readonly RootField[];
}

/** A field of Query or Mutation. */
export type RootField =
  /** `me`: what lies below is decided field by field. */
  | { readonly kind: 'SUBJECT'; readonly field: SelectedField }
  /** The hub's own, introspection and `__typename`: run as written, guarded by the hub's own schema. */
  | { readonly kind: 'HUB'; readonly key: string; readonly node: FieldNode };

const SUBJECT = 'DataSubject';

/** Expands what runs below DataSubject; the hub's own root fields are kept as written. */
export function readSelection(api: GraphQLSchema, compiled: CompiledOperation, values: ConditionValues): Selection {
  const reader: Reader = { api, fragments: compiled.fragments, values };
  const type = api.getRootType(compiled.operation.operation);
  if (type === undefined || type === null) throw new HubError('OPERATION_INVALID', `The schema has no ${compiled.operation.operation}.`);
  const roots = [...collect(reader, type, [compiled.operation.selectionSet])].flatMap(([key, nodes]): RootField[] => {
    const [node] = nodes;
    if (fieldType(type, node.name.value) !== SUBJECT) return nodes.map((hub) => ({ kind: 'HUB', key, node: hub }));
    return [{ kind: 'SUBJECT', field: expand(reader, type, key, nodes) }];
  });
  return { roots };
}

interface Reader {
  readonly api: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly values: ConditionValues;
}

type Nodes = [FieldNode, ...FieldNode[]];

function expand(reader: Reader, parent: GraphQLObjectType, key: string, nodes: Nodes): SelectedField {
  const [node] = nodes;
  const name = node.name.value;
  if (key === 'id' && parent.name === SUBJECT) {
    throw new HubError('OPERATION_INVALID', `The alias "id" on ${SUBJECT} is kept for the hub.`);
  }
  const typeName = fieldType(parent, name);
  const type = reader.api.getType(typeName);
  const sets = nodes.flatMap((each) => each.selectionSet ?? []);
  const fields = isObjectType(type)
    ? [...collect(reader, type, sets)].map(([childKey, children]) => expand(reader, type, childKey, children))
    : null;
  return { key, name, coordinate: `${parent.name}.${name}`, node, type: typeName, fields };
}

/** GraphQL §6.3.2, CollectFields, for one object type. */
function collect(reader: Reader, type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Map<string, Nodes> {
  const grouped = new Map<string, Nodes>();
  const visited = new Set<string>();
  const enter = (selections: readonly SelectionNode[]) => {
    for (const selection of selections) {
      if (!runs(selection.directives, reader.values)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const group = grouped.get(key);
        if (group === undefined) grouped.set(key, [selection]);
        else group.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(reader.api, type, selection.typeCondition?.name.value)) enter(selection.selectionSet.selections);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = reader.fragments.get(selection.name.value);
        if (fragment !== undefined && applies(reader.api, type, fragment.typeCondition.name.value)) enter(fragment.selectionSet.selections);
      }
    }
  };
  for (const set of sets) enter(set.selections);
  return grouped;
}

function applies(api: GraphQLSchema, type: GraphQLObjectType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const abstract = api.getType(condition);
  return isAbstractType(abstract) && api.isSubType(abstract, type);
}

/** Named type of a field; validation has shown that it exists. */
function fieldType(parent: GraphQLObjectType, name: string): string {
  if (name === '__typename') return 'String';
  const field = parent.getFields()[name];
  return field === undefined ? '' : getNamedType(field.type).name;
}
