import { getNamedType, getNullableType, isAbstractType, isLeafType, isListType, isNonNullType, isObjectType } from 'graphql';
import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { bilingual, type Bilingual } from './bilingual.ts';
import { sha256 } from './canonical.ts';
import { identityMethod } from './identityMethods.ts';
import { hole, readSupergraph, type Supergraph } from './supergraph.ts';

/** One leaf below a dataset: what a consent names and a disclosure reveals. */
export interface Leaf {
  /** `LowIncome.category`. */
  readonly coordinate: string;
  readonly dataset: string;
  /** Below the dataset's root, `records` left out: `listedMembers.name`. */
  readonly path: string;
  /** `<dataset>:<path>`. */
  readonly scope: string;
  /** Special-category data (PDPA §6). */
  readonly special: boolean;
  /** Tells about somebody else than the data subject. */
  readonly thirdParty: boolean;
  /** SDL type: `LowIncomeCategory`, `[String]`. */
  readonly type: string;
  readonly description: Bilingual;
  /** Identity methods that open it: the dataset's, less those too weak for a special leaf in an ordinary dataset. */
  readonly methods: readonly string[];
}

/** A dataset: a field of DataSubject, its root type and every leaf below. */
export interface Dataset {
  readonly id: string;
  readonly agency: string;
  /** join__Graph enum value: `MOHW`. */
  readonly graph: string;
  readonly unit: string;
  /** Field on DataSubject: `lowIncome`. */
  readonly field: string;
  /** Root type: `LowIncome`. */
  readonly type: string;
  /** Whether it is a list of records below `records(first, after)`. */
  readonly many: boolean;
  readonly methods: readonly string[];
  readonly special: boolean;
  readonly refresh: string;
  readonly legalBasis: Bilingual;
  /** From the DataSubject field's description. */
  readonly name: Bilingual;
  /** From the root type's description, where it has one. */
  readonly description: Bilingual | null;
  /** Arguments of its field that are keys of the register. */
  readonly keys: readonly string[];
  readonly formats: readonly string[];
  /** The body from which the data is still awaited. */
  readonly awaits: string | null;
  readonly leaves: readonly Leaf[];
}

/** What the supergraph promises, derived from it alone: nobody writes scopes by hand, so nobody forgets one. */
export interface Contract {
  /** SHA-256 of the supergraph's text. */
  readonly digest: string;
  readonly datasets: ReadonlyMap<string, Dataset>;
  /** By coordinate. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  /** Object type below a dataset, its root included → dataset id. */
  readonly objects: ReadonlyMap<string, string>;
  /** Object types of the hub's own subgraph: Query, Mutation, Consent, … */
  readonly hubTypes: ReadonlySet<string>;
}

/**
 * Reads the contract out of a composed supergraph (docs/contract.md §1). Throws CONTRACT_HOLE naming the path of anything that would be
 * open to nobody's decision: a leaf in no dataset, an object type reachable by two paths, a type neither below a dataset nor the hub's own.
 */
export function readContract(supergraphSdl: string): Contract {
  const supergraph = readSupergraph(supergraphSdl);
  const subject = supergraph.schema.getType('DataSubject');
  if (!isObjectType(subject)) hole('DataSubject', 'the supergraph has no such type');
  if (subject.getInterfaces().length > 0) hole('DataSubject', 'it implements an interface, whose fields carry no marks');
  checkDirectives(supergraph);
  const walk: Walk = { supergraph, objects: new Map(), datasets: new Map() };
  for (const field of Object.values(subject.getFields())) {
    if (field.name === 'id') checkId(supergraph, field);
    else readDataset(walk, subject, field);
  }
  if (subject.getFields()['id'] === undefined) hole('DataSubject.id', 'the entity has no key');
  const leaves = new Map([...walk.datasets.values()].flatMap((dataset) => dataset.leaves.map((leaf) => [leaf.coordinate, leaf])));
  return { digest: sha256(supergraphSdl), datasets: walk.datasets, leaves, objects: walk.objects, hubTypes: readHubTypes(walk) };
}

interface Walk {
  readonly supergraph: Supergraph;
  readonly objects: Map<string, string>;
  readonly datasets: Map<string, Dataset>;
}

/** Our directives as the prelude defines them: an argument that composition dropped would read as false. */
const DIRECTIVE_ARGUMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dataset: {
    id: 'String!',
    unit: 'String!',
    methods: '[String!]!',
    refresh: 'String!',
    legalBasis: 'String!',
    special: 'Boolean',
    formats: '[String!]',
    keys: '[String!]',
    awaits: 'String',
  },
  personal: { special: 'Boolean', thirdParty: 'Boolean' },
};

function checkDirectives({ schema }: Supergraph): void {
  for (const [name, expected] of Object.entries(DIRECTIVE_ARGUMENTS)) {
    const args = schema.getDirective(name)?.args ?? hole(`@${name}`, 'the supergraph does not define it');
    for (const [argument, type] of Object.entries(expected)) {
      if (String(args.find((arg) => arg.name === argument)?.type) !== type) hole(`@${name}(${argument}:)`, `its type must be ${type}`);
    }
  }
}

function checkId(supergraph: Supergraph, id: GraphQLField<unknown, unknown>): void {
  if (supergraph.applied('inaccessible', id.astNode).length === 0) hole('DataSubject.id', 'it is not @inaccessible: clients would see it');
  if (String(id.type) !== 'ID!') hole('DataSubject.id', 'its type must be ID!');
}

function readDataset(walk: Walk, subject: GraphQLObjectType, field: GraphQLField<unknown, unknown>): void {
  const { supergraph, datasets } = walk;
  const coordinate = `DataSubject.${field.name}`;
  const type = field.type;
  if (!isObjectType(type)) hole(coordinate, `it returns ${String(type)}, which is no dataset (one nullable object of a type with @dataset)`);
  const marks = supergraph.applied('dataset', type.astNode)[0] ?? hole(coordinate, `${type.name} has no @dataset`);
  const [graph = '', ...others] = supergraph.graphsOfField(subject, field);
  if (others.length > 0 || graph === '') hole(coordinate, 'it must come from exactly one agency');
  const agency = supergraph.graphs.get(graph) ?? hole(coordinate, `no subgraph has the name ${graph}`);
  const id = String(marks['id']);
  if (!id.startsWith(`${agency}.`)) hole(coordinate, `dataset "${id}" does not begin with its agency "${agency}."`);
  if (datasets.has(id)) hole(coordinate, `dataset "${id}" is also DataSubject.${datasets.get(id)?.field ?? ''}`);
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
  if (fields.length > 1 || !isObjectType(type)) hole(`${root.name}.records`, 'it must be the only field of its type, and a list of objects');
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
  if (type.getInterfaces().length > 0) hole(path, `${type.name} implements an interface, whose fields carry no marks`);
  if (supergraph.graphsOfType(type).join() !== root.graph) hole(path, `${type.name} must be defined by its own agency alone`);
  if (type.name !== root.type && supergraph.applied('dataset', type.astNode).length > 0) hole(path, `${type.name} is a dataset within a dataset`);
  objects.set(type.name, root.id);
}

/** What holds for every field below a dataset, object or leaf. */
function checkField({ supergraph }: Walk, root: Root, type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, path: string): void {
  if (isNonNullType(field.type)) hole(path, 'it is non-null: a refusal could not be written');
  if (supergraph.applied('inaccessible', field.astNode).length > 0) hole(path, 'it is @inaccessible: only DataSubject.id is');
  if (supergraph.graphsOfField(type, field).join() !== root.graph) hole(path, 'it must come from its own agency alone');
  const joins = supergraph.applied('join__field', field.astNode);
  const moved = ['requires', 'provides', 'override', 'external', 'contextArguments'].find((argument) => joins.some((join) => Boolean(join[argument])));
  if (moved !== undefined) hole(path, `@${moved} reaches around the decision`);
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
  for (const key of keys) if (!field.args.some((arg) => arg.name === key)) hole(`${coordinate}(${key}:)`, 'a declared key is no argument of it');
}

/** Everything else must be the hub's own, and may reach data only through `Query.me`. */
function readHubTypes({ supergraph, objects }: Walk): Set<string> {
  const { schema } = supergraph;
  const hub = [...supergraph.graphs].find(([, name]) => name === 'hub')?.[0];
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const hubTypes = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type)) {
      const foreign = schema.getPossibleTypes(type).find((possible) => objects.has(possible.name) || possible.name === 'DataSubject');
      if (foreign !== undefined || supergraph.graphsOfType(type).join() !== hub) hole(type.name, 'an agency has no interfaces and no unions');
    }
    if (!isObjectType(type) || objects.has(type.name) || type.name === 'DataSubject') continue;
    const isRoot = roots.includes(type);
    if (supergraph.applied('dataset', type.astNode).length > 0) hole(type.name, 'no field of DataSubject leads to this dataset');
    if (!isRoot && supergraph.graphsOfType(type).join() !== hub) hole(type.name, 'it is neither below a dataset nor the hub\'s own');
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
  const isMe = type === supergraph.schema.getQueryType() && field.name === 'me' && field.args.length === 0 && String(field.type) === 'DataSubject';
  if (!isMe) hole(coordinate, 'only Query.me, without arguments, leads to DataSubject');
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
