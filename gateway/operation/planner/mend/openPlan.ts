import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from 'graphql';

/** One fetch of a plan while it is mended. */
export interface OpenFetch {
  readonly node: FetchNode;
  /** Response keys from the root to the objects that it is about; lists are not told. */
  readonly path: readonly string[];
  document: DocumentNode;
  requires: readonly QueryPlanSelectionNode[] | undefined;
  /** What runs in its place, where it is not one fetch any more. */
  parts: readonly FetchNode[] | null;
}

/** The fetches of a plan in the order in which they run. Null: a form of plan that is not mended. */
export function openFetches(plan: QueryPlan): OpenFetch[] | null {
  const found: OpenFetch[] = [];
  const enter = (node: PlanNode | undefined, path: readonly string[]): boolean => {
    if (node === undefined) return true;
    switch (node.kind) {
      case 'Fetch':
        found.push({ node, path, document: parse(node.operation, { noLocation: true }), requires: node.requires, parts: null });
        return true;
      case 'Sequence':
      case 'Parallel':
        return node.nodes.every((child) => enter(child, path));
      case 'Flatten': {
        const keys = node.path.filter((step): step is string => typeof step === 'string' && step !== '@');
        return keys.every((key) => /^\w+$/.test(key)) && enter(node.node, [...path, ...keys]);
      }
      case 'Condition':
        return enter(node.ifClause, path) && enter(node.elseClause, path);
      case 'Defer':
        return false;
    }
  };
  return plan.node?.kind !== 'Subscription' && enter(plan.node, []) ? found : null;
}

/** The plan with its fetches as they are now. */
export function closePlan(plan: QueryPlan, fetches: readonly OpenFetch[], variables: Variables): QueryPlan {
  const open = new Map(fetches.map((fetch) => [fetch.node, fetch]));
  const close = (node: PlanNode): PlanNode => {
    switch (node.kind) {
      case 'Fetch':
        return closeFetch(open.get(node), node, variables);
      case 'Sequence':
      case 'Parallel':
        return { ...node, nodes: node.nodes.map(close) };
      case 'Flatten': {
        const inner = close(node.node);
        // Each part finds its own objects.
        return inner.kind === 'Sequence'
          ? { ...inner, nodes: inner.nodes.map((part) => ({ ...node, node: part })) }
          : { ...node, node: inner };
      }
      case 'Condition':
        return {
          ...node,
          ...(node.ifClause && { ifClause: close(node.ifClause) }),
          ...(node.elseClause && { elseClause: close(node.elseClause) }),
        };
      case 'Defer':
        return node;
    }
  };
  return plan.node === undefined || plan.node.kind === 'Subscription' ? plan : { ...plan, node: close(plan.node) };
}

function closeFetch(fetch: OpenFetch | undefined, node: FetchNode, variables: Variables): PlanNode {
  if (fetch === undefined) return node;
  if (fetch.parts !== null) return { kind: 'Sequence', nodes: [...fetch.parts] };
  const { document, requires } = fetch;
  return { ...node, ...operationOf(document, variables), ...(requires && { requires: [...requires] }) };
}

/** Definitions of the client's variables. */
export type Variables = ReadonlyMap<string, VariableDefinitionNode>;

/** A fetch's text, with the variables that it uses. */
export function operationOf(document: DocumentNode, variables: Variables): Pick<FetchNode, 'operation' | 'variableUsages'> {
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('A fetch is one operation.');
  const used = new Set<string>();
  visit(operation.selectionSet, { [Kind.VARIABLE]: ({ name }) => void used.add(name.value) });
  const own = new Map((operation.variableDefinitions ?? []).map((definition) => [definition.variable.name.value, definition]));
  return {
    operation: print({ ...operation, variableDefinitions: [...used].flatMap((name) => own.get(name) ?? variables.get(name) ?? []) }),
    variableUsages: [...used].filter((name) => name !== 'representations'),
  };
}

/** Below what a fetch's answer is found: the root, or `_entities`. */
export function changeAt(
  { document, requires }: OpenFetch,
  keys: readonly string[],
  change: (set: SelectionSetNode) => SelectionSetNode,
): DocumentNode | null {
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return null;
  const selectionSet = changeBelow(operation.selectionSet, requires === undefined ? keys : ['_entities', ...keys], change);
  return selectionSet === null ? null : { ...document, definitions: [{ ...operation, selectionSet }] };
}

/** Every selection set at these response keys, changed; null when there is none. */
function changeBelow(
  set: SelectionSetNode,
  keys: readonly string[],
  change: (set: SelectionSetNode) => SelectionSetNode,
): SelectionSetNode | null {
  const [key, ...rest] = keys;
  if (key === undefined) return change(set);
  let found = false;
  const selections = set.selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) return selection;
    if (selection.kind === Kind.FIELD && keyOf(selection) !== key) return selection;
    const changed = changeBelow(selection.selectionSet, selection.kind === Kind.FIELD ? rest : keys, change);
    found ||= changed !== null;
    return changed === null ? selection : { ...selection, selectionSet: changed };
  });
  return found ? { ...set, selections } : null;
}

export function keyOf({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

/** Fields of a selection set, those of its inline fragments too. */
export function fieldsIn(set: SelectionSetNode): readonly FieldNode[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsIn(selection.selectionSet) : [];
  });
}
