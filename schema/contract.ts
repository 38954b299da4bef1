import { isObjectType, type GraphQLField } from 'graphql';
import type { Bilingual } from './bilingual.ts';
import { sha256 } from './canonical.ts';
import { readDataset, type Walk } from './datasetWalk.ts';
import { readHubTypes } from './hubTypes.ts';
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
  const keys = supergraph.applied('join__type', subject.astNode).map((join) => join['key']);
  if (keys.some((key) => key !== 'id')) hole('DataSubject', 'its one key is "id": another would travel in queries');
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
