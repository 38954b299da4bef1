import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { Kind, OperationTypeNode, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionNode } from 'graphql';

/** One fetch of a plan. */
export interface PlannedFetch {
  readonly index: number;
  /** Name of the subgraph: an agency's id, or `hub`. */
  readonly subgraph: string;
  /** The text that is sent. */
  readonly query: string;
  readonly document: DocumentNode;
  readonly kind: 'QUERY' | 'MUTATION';
  /** Whether it asks for entities that an earlier fetch found. */
  readonly entities: boolean;
  /** What is sent of each entity. */
  readonly requires: FetchNode['requires'];
  /** Variables it uses, `representations` left out, sorted. */
  readonly variables: readonly string[];
}

/** An operation with its plan. Nothing of a caller is in here. */
export interface PlannedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: readonly FragmentDefinitionNode[];
  readonly plan: QueryPlan;
  readonly fetches: readonly PlannedFetch[];
  /** The fetch that a plan node stands for, by the node's own document. */
  readonly fetchOf: ReadonlyMap<unknown, PlannedFetch>;
}

export interface PlanOptions {
  /** Asks `id` with each entity, so that an answer about another subject is seen. */
  readonly askIds: boolean;
  readonly operationName?: string | null;
}

/** Reads a plan of Apollo's planner, as plain data, for the document that it was made for. */
export function readPlan(built: QueryPlan, document: DocumentNode, { askIds, operationName = null }: PlanOptions): PlannedOperation {
  const fetches: PlannedFetch[] = [];
  const fetchOf = new Map<unknown, PlannedFetch>();
  const take = (node: FetchNode): FetchNode => {
    const entities = node.requires !== undefined;
    // The printed form of one's own parse: what is sent, checked and hashed is one text.
    const asked =
      askIds && entities ? withEntityIds(parse(node.operation, { noLocation: true })) : parse(node.operation, { noLocation: true });
    const query = stripIgnoredCharacters(print(asked));
    const fetch: PlannedFetch = {
      index: fetches.length,
      subgraph: node.serviceName,
      query,
      document: asked,
      kind: node.operationKind === OperationTypeNode.MUTATION ? 'MUTATION' : 'QUERY',
      entities,
      requires: node.requires,
      variables: (node.variableUsages ?? []).filter((name) => name !== 'representations').sort(),
    };
    fetches.push(fetch);
    fetchOf.set(asked, fetch);
    return { ...node, operation: query, operationDocumentNode: asked };
  };
  const plan: QueryPlan =
    built.node === undefined || built.node.kind === 'Subscription' ? built : { ...built, node: mapFetches(built.node, take) };
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const operation = operations.find((candidate) => operationName === null || candidate.name?.value === operationName);
  if (operation === undefined) throw new TypeError('A planned document has its operation.');
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return { document, operation, fragments, plan, fetches, fetchOf };
}

function mapFetches(node: PlanNode, take: (node: FetchNode) => FetchNode): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return take(node);
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => mapFetches(child, take)) };
    case 'Flatten':
      return { ...node, node: mapFetches(node.node, take) };
    case 'Condition': {
      const { ifClause, elseClause, ...rest } = node;
      return {
        ...rest,
        ...(ifClause === undefined ? {} : { ifClause: mapFetches(ifClause, take) }),
        ...(elseClause === undefined ? {} : { elseClause: mapFetches(elseClause, take) }),
      };
    }
    case 'Defer':
      throw new TypeError('@defer is not planned.');
  }
}

const ID: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'id' } };

/** `id` first of everything that is asked of an entity: in each fragment directly below `_entities`. */
function withEntityIds(document: DocumentNode): DocumentNode {
  return visit(document, {
    [Kind.INLINE_FRAGMENT](fragment, _key, _parent, path) {
      if (path.length !== FRAGMENTS_OF_ENTITIES) return undefined;
      const others = fragment.selectionSet.selections.filter((selection) => !isPlainId(selection));
      return { ...fragment, selectionSet: { ...fragment.selectionSet, selections: [ID, ...others] } };
    },
  });
}

/** definitions, 0, selectionSet, selections, 0, selectionSet, selections, n. */
const FRAGMENTS_OF_ENTITIES = 8;

function isPlainId(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && selection.name.value === 'id' && selection.alias === undefined;
}
