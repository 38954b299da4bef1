import { isObjectType, Kind } from 'graphql';
import type { DirectiveNode, FieldNode, GraphQLSchema, SelectionSetNode } from 'graphql';
import type { Contract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import { fieldSet, hasField, type FieldSet } from '../../schema/fieldSet.ts';
import { HUB } from './hubSubgraph.ts';
import type { PlannedFetch, PlannedOperation } from './plannedOperation.ts';

/** What a checked fetch asks of an agency. */
export interface CheckedFetch {
  /** Paths that it reads: what the warrant names. */
  readonly fields: FieldSet;
  /** Response key on the entity → dataset. */
  readonly datasets: ReadonlyMap<string, string>;
}

/**
 * Recomputes the coordinates of every fetch of a plan (docs/contract.md §2): within the permitted fields, `__typename` and DataSubject.id,
 * each from its own agency, no object without a permitted leaf. It trusts neither the pruning nor the planner. Throws PLAN_OUTSIDE_CONSENT
 * naming the coordinate. Result: one entry for each fetch, null for the hub's own.
 */
export function checkPlan(
  contract: Contract,
  whole: GraphQLSchema,
  planned: PlannedOperation,
  permitted: FieldSet,
): readonly (CheckedFetch | null)[] {
  return planned.fetches.map((fetch) => {
    const check: Check = { contract, whole, permitted, agency: fetch.subgraph, read: [], datasets: new Map() };
    const root = rootSelection(fetch);
    if (fetch.subgraph === HUB) {
      if (fetch.entities) outside('hub', 'entities');
      checkHub(check, fetch.kind === 'MUTATION' ? 'Mutation' : 'Query', root);
      return null;
    }
    checkAgency(check, fetch, root);
    return { fields: fieldSet(check.read), datasets: check.datasets };
  });
}

const SUBJECT = 'DataSubject';

interface Check {
  readonly contract: Contract;
  readonly whole: GraphQLSchema;
  readonly permitted: FieldSet;
  readonly agency: string;
  readonly read: [dataset: string, paths: readonly string[]][];
  readonly datasets: Map<string, string>;
}

function outside(where: string, what: string): never {
  throw new HubError('PLAN_OUTSIDE_CONSENT', `${where}: ${what}.`);
}

/** A fetch is one operation without fragment definitions. */
function rootSelection({ document, subgraph }: PlannedFetch): SelectionSetNode {
  const [operation, ...others] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) outside(subgraph, 'more than one operation');
  return operation.selectionSet;
}

function checkAgency(check: Check, fetch: PlannedFetch, root: SelectionSetNode): void {
  const { agency } = check;
  if (fetch.kind !== 'QUERY' || !fetch.entities) outside(agency, 'only entities are asked of an agency');
  if (JSON.stringify(fetch.requires) !== JSON.stringify(REQUIRES)) outside(agency, 'only __typename and id are sent of an entity');
  for (const field of root.selections) {
    if (field.kind !== Kind.FIELD || field.name.value !== '_entities' || field.alias !== undefined)
      outside(agency, 'only _entities is asked');
    const [argument, ...others] = field.arguments ?? [];
    if (argument?.value.kind !== Kind.VARIABLE || argument.value.name.value !== 'representations' || others.length > 0)
      outside(agency, 'other entities');
    for (const fragment of field.selectionSet?.selections ?? []) {
      if (fragment.kind !== Kind.INLINE_FRAGMENT || fragment.typeCondition?.name.value !== SUBJECT)
        outside(agency, `only ${SUBJECT} is asked`);
      undirected(agency, fragment.directives);
      checkSubject(check, fragment.selectionSet);
    }
  }
}

const REQUIRES = [
  {
    kind: 'InlineFragment',
    typeCondition: SUBJECT,
    selections: [
      { kind: 'Field', name: '__typename' },
      { kind: 'Field', name: 'id' },
    ],
  },
];

/** What every agency is asked of a data subject. */
function checkSubject(check: Check, set: SelectionSetNode): void {
  for (const field of fieldsOf(check, set)) {
    const key = field.alias?.value ?? field.name.value;
    if (key === 'id' || key === '__typename') {
      if (field.name.value !== key) outside(`${SUBJECT}.${field.name.value}`, `answered as ${key}`);
      continue;
    }
    const coordinate = `${SUBJECT}.${field.name.value}`;
    const type = typeOf(check, SUBJECT, field);
    const id = check.contract.objects.get(type) ?? outside(coordinate, 'no dataset');
    const dataset = check.contract.datasets.get(id) ?? outside(coordinate, 'no dataset');
    if (dataset.agency !== check.agency) outside(coordinate, `asked of ${check.agency}`);
    for (const { name } of field.arguments ?? []) {
      if (!dataset.keys.includes(name.value) || !hasField(check.permitted, id, name.value))
        outside(`${coordinate}(${name.value}:)`, 'not permitted');
      check.read.push([id, [name.value]]);
    }
    check.datasets.set(key, id);
    checkObject(check, coordinate, type, field.selectionSet);
  }
}

function checkObject(check: Check, where: string, type: string, set: SelectionSetNode | undefined): void {
  let leaves = 0;
  for (const field of fieldsOf(check, set)) {
    if (field.name.value === '__typename') continue;
    const coordinate = `${type}.${field.name.value}`;
    const leaf = check.contract.leaves.get(coordinate);
    if (leaf === undefined) {
      const below = typeOf(check, type, field);
      if (check.contract.objects.get(below) !== check.contract.objects.get(type))
        outside(coordinate, 'no leaf and no object of the dataset');
      checkObject(check, coordinate, below, field.selectionSet);
    } else {
      if (!hasField(check.permitted, leaf.dataset, leaf.path)) outside(coordinate, 'not permitted');
      check.read.push([leaf.dataset, [leaf.path]]);
    }
    leaves += 1;
  }
  if (leaves === 0) outside(where, 'an object without a permitted leaf');
}

/** The hub answers its own types, and of a data subject nothing but who she is. */
function checkHub(check: Check, type: string, set: SelectionSetNode | undefined): void {
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) outside(type, 'a fragment');
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      checkHub(check, selection.typeCondition?.name.value ?? type, selection.selectionSet);
      continue;
    }
    if (selection.name.value === '__typename') continue;
    const coordinate = `${type}.${selection.name.value}`;
    if (type === SUBJECT ? selection.name.value !== 'id' : check.contract.objects.has(type)) outside(coordinate, 'asked of the hub');
    if (selection.selectionSet !== undefined) checkHub(check, typeOf(check, type, selection), selection.selectionSet);
  }
}

function fieldsOf(check: Check, set: SelectionSetNode | undefined): readonly FieldNode[] {
  return (set?.selections ?? []).map((selection) => {
    if (selection.kind !== Kind.FIELD) outside(check.agency, 'a fragment');
    undirected(check.agency, selection.directives);
    return selection;
  });
}

function undirected(agency: string, directives: readonly DirectiveNode[] | undefined): void {
  if ((directives ?? []).length > 0) outside(agency, 'a directive');
}

function typeOf({ whole }: Check, parent: string, field: FieldNode): string {
  const type = whole.getType(parent);
  const found = isObjectType(type) ? type.getFields()[field.name.value] : undefined;
  return found === undefined ? outside(`${parent}.${field.name.value}`, 'unknown') : String(found.type).replace(/[[\]!]/g, '');
}
