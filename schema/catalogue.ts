import { getNamedType, isEnumType, type GraphQLSchema } from 'graphql';
import { bilingual, type Bilingual } from './bilingual.ts';
import type { Contract, Dataset, Leaf } from './contract.ts';
import { readSupergraph } from './supergraph.ts';

interface CatalogueLeaf {
  readonly path: string;
  readonly scope: string;
  readonly coordinate: string;
  readonly type: string;
  readonly label: Bilingual;
  readonly special: boolean;
  readonly thirdParty: boolean;
  readonly methods: readonly string[];
}

type CatalogueDataset = Omit<Dataset, 'graph' | 'leaves'> & { readonly leaves: readonly CatalogueLeaf[] };

/** The machine catalogue: what is on offer, under which scope, opened by which identity methods, and what people read about it. */
export interface Catalogue {
  readonly digest: string;
  readonly datasets: readonly CatalogueDataset[];
  /** Enum → value → label, for showing values; a value without `中文 | English` has none. */
  readonly enums: Readonly<Record<string, Readonly<Record<string, Bilingual | null>>>>;
}

/** Derives the machine catalogue from the contract and the supergraph it was read from. */
export function catalogue(contract: Contract, supergraphSdl: string): Catalogue {
  const { schema } = readSupergraph(supergraphSdl);
  const datasets = [...contract.datasets.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { digest: contract.digest, datasets: datasets.map(describeDataset), enums: describeEnums(schema, [...contract.leaves.values()]) };
}

function describeDataset({ graph: _graph, leaves, ...dataset }: Dataset): CatalogueDataset {
  return { ...dataset, leaves: leaves.map(describeLeaf) };
}

function describeLeaf({ path, scope, coordinate, type, description, special, thirdParty, methods }: Leaf): CatalogueLeaf {
  return { path, scope, coordinate, type, label: description, special, thirdParty, methods };
}

function describeEnums(schema: GraphQLSchema, leaves: readonly Leaf[]): Catalogue['enums'] {
  const enums: Record<string, Record<string, Bilingual | null>> = {};
  for (const name of [...new Set(leaves.map((leaf) => leaf.type.replace(/[[\]!]/g, '')))].sort()) {
    const type = schema.getType(name);
    if (!isEnumType(type)) continue;
    enums[getNamedType(type).name] = Object.fromEntries(type.getValues().map((value) => [value.name, bilingual(value.description)]));
  }
  return enums;
}
