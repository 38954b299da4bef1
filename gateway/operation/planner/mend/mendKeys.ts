import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { getNamedType, isCompositeType, isObjectType, Kind, type GraphQLSchema, type SelectionNode, type SelectionSetNode } from 'graphql';
import { clientFields, shownAs, type Client } from './clientFields.ts';
import type { JoinMarks } from './joinMarks.ts';
import { changeAt, fieldsIn, type OpenFetch } from './openPlan.ts';

/**
 * A fetch that goes back to a subgraph for what it requires of another may name a key there that is marked `resolvable: false`: the planner takes any.
 * Such a fetch gets a key by which the subgraph finds its entities, and the fetch before it asks for the key's fields.
 */
export function mendKeys(whole: GraphQLSchema, marks: JoinMarks, client: Client, fetches: readonly OpenFetch[]): void {
  for (const [index, fetch] of fetches.entries()) {
    fetch.requires = fetch.requires?.map((required) => {
      const type = required.kind === 'InlineFragment' ? required.typeCondition : undefined;
      if (required.kind !== 'InlineFragment' || type === undefined) return required;
      const keys = marks.keys(type, fetch.node.serviceName);
      if (keys.length === 0 || keys.some((key) => isAsked(key, required.selections))) return required;
      const free = keys.filter((key) => isFree(client, fetch.path, key));
      const key = free.find((each) => fetches.slice(0, index).findLast((before) => asks(whole, marks, before, fetch, type, each)));
      return key === undefined ? required : { ...required, selections: merged(required.selections, key) };
    });
  }
}

function isAsked(key: SelectionSetNode, selections: readonly QueryPlanSelectionNode[]): boolean {
  return fieldsIn(key).every(({ name, selectionSet }) =>
    selections.some(
      (each) =>
        each.kind === 'Field' && each.name === name.value && (selectionSet === undefined || isAsked(selectionSet, each.selections ?? [])),
    ),
  );
}

/** Lets an earlier fetch ask for a key of the objects of a later one; false: it cannot. */
function asks(
  whole: GraphQLSchema,
  marks: JoinMarks,
  before: OpenFetch,
  { path }: OpenFetch,
  type: string,
  key: SelectionSetNode,
): boolean {
  const { serviceName } = before.node;
  if (!before.path.every((step, index) => path[index] === step) || !serves(whole, marks, type, key, serviceName)) return false;
  const document = changeAt(before, path.slice(before.path.length), (set) => {
    const added: SelectionNode = {
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
      selectionSet: key,
    };
    return { ...set, selections: [...set.selections, added] };
  });
  if (document === null) return false;
  before.document = document;
  return true;
}

function serves(whole: GraphQLSchema, marks: JoinMarks, type: string, key: SelectionSetNode, subgraph: string): boolean {
  const object = whole.getType(type);
  return fieldsIn(key).every(({ name, selectionSet }) => {
    if (!marks.serves(type, name.value, subgraph)) return false;
    const field = isObjectType(object) ? object.getFields()[name.value] : undefined;
    const below = field === undefined ? undefined : getNamedType(field.type);
    return selectionSet === undefined || (isCompositeType(below) && serves(whole, marks, below.name, selectionSet, subgraph));
  });
}

/** Whether the client means nothing else by a key's names there (by an alias). */
function isFree({ document, operationName }: Client, path: readonly string[], key: SelectionSetNode): boolean {
  return fieldsIn(key).every((field) => {
    const at = [...path, field.name.value];
    const asked = [...clientFields(document, operationName, at).keys()];
    return asked.every((shown) => shown === shownAs(field)) && isFree({ document, operationName }, at, field.selectionSet ?? EMPTY);
  });
}

const EMPTY: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

function merged(selections: readonly QueryPlanSelectionNode[], key: SelectionSetNode): QueryPlanSelectionNode[] {
  const all = [...selections];
  for (const { name, selectionSet } of fieldsIn(key)) {
    const at = all.findIndex((each) => each.kind === 'Field' && each.name === name.value);
    const known = all[at];
    const below = known?.kind === 'Field' ? (known.selections ?? []) : [];
    const field = { kind: 'Field' as const, name: name.value, ...(selectionSet && { selections: merged(below, selectionSet) }) };
    if (at < 0) all.push(field);
    else all[at] = field;
  }
  return all;
}
