import { getNamedType, getNullableType, isLeafType, isListType, isNonNullType, isObjectType } from 'graphql';
import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { bilingual } from './bilingual.ts';
import type { Dataset, Leaf } from './contract.ts';
import { identityMethod } from './identityMethods.ts';
import { hole, type Supergraph } from './supergraph.ts';

/** What has been found so far. */
export interface Walk {
  readonly supergraph: Supergraph;
  readonly objects: Map<string, string>;
  readonly datasets: Map<string, Dataset>;
}

/** Reads one field of DataSubject: its dataset and every leaf below. Throws CONTRACT_HOLE naming the path. */
export function readDataset(walk: Walk, subject: GraphQLObjectType, field: GraphQLField<unknown, unknown>): void {
  const { supergraph, datasets } = walk;
  const coordinate = `DataSubject.${field.name}`;
  const type = field.type;
  if (!isObjectType(type))
    hole(coordinate, `it returns ${String(type)}, which is no dataset (one nullable object of a type with @dataset)`);
  const marks = supergraph.applied('dataset', type.astNode)[0] ?? hole(coordinate, `${type.name} has no @dataset`);
  const [graph = '', ...others] = supergraph.graphsOfField(subject, field);
  if (others.length > 0 || graph === '') hole(coordinate, 'it must come from exactly one agency');
  const agency = supergraph.graphs.get(graph) ?? hole(coordinate, `no subgraph has the name ${graph}`);
  const id = String(marks['id']);
  if (!id.startsWith(`${agency}.`)) hole(coordinate, `dataset "${id}" does not begin with its agency "${agency}."`);
  if (datasets.has(id)) hole(coordinate, `dataset "${id}" is also DataSubject.${datasets.get(id)?.field ?? ''}`);
  if (supergraph.applied('inaccessible', field.astNode).length > 0) hole(coordinate, 'it is @inaccessible: only DataSubject.id is');
  refuseDetours(supergraph, field, coordinate);
  const keys = strings(marks['keys']);
  checkArguments(coordinate, field, keys);
  const root: Root = { id, type: type.name, graph, methods: strings(marks['methods']), special: marks['special'] === true };
  const records = onlyRecords(type);
  const leaves: Leaf[] = [];
  if (records === null) readObject(walk, root, type, coordinate, '', leaves);
  else {
    claim(walk, root, type, coordinate);
    checkField(walk, root, type, records.field, `${coordinate}.records`);
    readObject(walk, root, records.type, `${coordinate}.records`, '', leaves);
  }
  datasets.set(id, {
    id,
    agency,
    graph,
    unit: String(marks['unit']),
    field: field.name,
    type: type.name,
    many: records !== null,
    methods: root.methods,
    special: root.special,
    refresh: String(marks['refresh']),
    legalBasis: bilingual(String(marks['legalBasis'])) ?? hole(coordinate, 'legalBasis must read "中文 | English"'),
    name: bilingual(field.description) ?? hole(coordinate, 'its description must read "中文 | English"'),
    description: bilingual(type.description),
    keys,
    formats: strings(marks['formats']),
    awaits: typeof marks['awaits'] === 'string' ? marks['awaits'] : null,
    leaves,
  });
}

interface Root {
  readonly id: string;
  readonly type: string;
  readonly graph: string;
  readonly methods: readonly string[];
  readonly special: boolean;
}

/** The record type of a dataset with many records: its root has `records` and nothing else. */
function onlyRecords(root: GraphQLObjectType): { field: GraphQLField<unknown, unknown>; type: GraphQLObjectType } | null {
  const fields = Object.values(root.getFields());
  const field = fields.find((candidate) => candidate.name === 'records');
  if (field === undefined) return null;
  const list = getNullableType(field.type);
  const type = isListType(list) ? getNullableType(list.ofType) : undefined;
  if (fields.length > 1 || !isObjectType(type))
    hole(`${root.name}.records`, 'it must be the only field of its type, and a list of objects');
  const args = field.args.map((arg) => `${arg.name}: ${String(arg.type)}`).join(', ');
  if (args !== 'first: Int, after: String') hole(`${root.name}.records`, 'its arguments must be (first: Int, after: String)');
  return { field, type };
}

function readObject(walk: Walk, root: Root, type: GraphQLObjectType, path: string, prefix: string, leaves: Leaf[]): void {
  claim(walk, root, type, path);
  for (const field of Object.values(type.getFields())) {
    const here = `${path}.${field.name}`;
    checkField(walk, root, type, field, here);
    if (field.args.length > 0) hole(here, 'a field below a dataset has no arguments');
    if (field.name === 'records') hole(here, 'only the root of a dataset has "records"');
    const named = getNamedType(field.type);
    if (!isLeafType(named) && walk.supergraph.applied('personal', field.astNode).length > 0) hole(here, '@personal marks leaves only');
    if (isObjectType(named)) readObject(walk, root, named, here, `${prefix}${field.name}.`, leaves);
    else if (isLeafType(named)) leaves.push(readLeaf(walk, root, type, field, `${prefix}${field.name}`));
    else hole(here, 'below a dataset are objects and leaves only');
  }
}

/** Takes an object type for a dataset, once: coordinate and path are one to one. */
function claim({ supergraph, objects }: Walk, root: Root, type: GraphQLObjectType, path: string): void {
  if (type.name === 'DataSubject') hole(path, 'a field below a dataset returns DataSubject');
  if (objects.has(type.name)) hole(path, `${type.name} is reachable by a second path`);
  if (type.getInterfaces().length > 0 || supergraph.applied('join__implements', type.astNode).length > 0)
    hole(path, `${type.name} implements an interface, whose fields carry no marks`);
  if (supergraph.graphsOfType(type).join() !== root.graph) hole(path, `${type.name} must be defined by its own agency alone`);
  if (type.name !== root.type && supergraph.applied('dataset', type.astNode).length > 0)
    hole(path, `${type.name} is a dataset within a dataset`);
  const joins = supergraph.applied('join__type', type.astNode);
  if (joins.some((join) => typeof join['key'] === 'string' || join['isInterfaceObject'] === true)) {
    hole(path, `${type.name} is an entity, and DataSubject is the one entity`);
  }
  objects.set(type.name, root.id);
}

/** What holds for every field below a dataset, object or leaf. */
function checkField({ supergraph }: Walk, root: Root, type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, path: string): void {
  if (isNonNullType(field.type)) hole(path, 'it is non-null: a refusal could not be written');
  if (supergraph.applied('inaccessible', field.astNode).length > 0) hole(path, 'it is @inaccessible: only DataSubject.id is');
  if (supergraph.graphsOfField(type, field).join() !== root.graph) hole(path, 'it must come from its own agency alone');
  refuseDetours(supergraph, field, path);
}

/** Refuses what lets a planner read a field for another's sake (GHSA-m8jr-fxqx-8xx6), or answer it from elsewhere. */
function refuseDetours(supergraph: Supergraph, field: GraphQLField<unknown, unknown>, path: string): void {
  const joins = supergraph.applied('join__field', field.astNode);
  const detours = ['requires', 'provides', 'override', 'usedOverridden', 'external', 'contextArguments'];
  const taken = detours.find((argument) => joins.some((join) => Boolean(join[argument])));
  if (taken !== undefined) hole(path, `@${taken} reaches around the decision`);
}

function readLeaf({ supergraph }: Walk, root: Root, type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, path: string): Leaf {
  const coordinate = `${type.name}.${field.name}`;
  const personal = supergraph.applied('personal', field.astNode)[0];
  const special = root.special || personal?.['special'] === true;
  return {
    coordinate,
    dataset: root.id,
    path,
    scope: `${root.id}:${path}`,
    special,
    thirdParty: personal?.['thirdParty'] === true,
    type: String(field.type),
    description: bilingual(field.description) ?? hole(coordinate, 'its description must read "中文 | English"'),
    methods: special && !root.special ? root.methods.filter((method) => identityMethod(method)?.opensSpecial === true) : root.methods,
  };
}

function checkArguments(coordinate: string, field: GraphQLField<unknown, unknown>, keys: readonly string[]): void {
  for (const arg of field.args) if (!keys.includes(arg.name)) hole(`${coordinate}(${arg.name}:)`, 'it is not declared in @dataset(keys:)');
  for (const key of keys)
    if (!field.args.some((arg) => arg.name === key)) hole(`${coordinate}(${key}:)`, 'a declared key is no argument of it');
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
