import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { composeSupergraph, type Subgraph } from '../../schema/compose.ts';
import { agencySdl, readSubgraphs } from '../../schema/subgraphSources.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const AGENCIES = 15;
const DATASETS = 10;
const LEAVES = ['caseNumber', 'category', 'status', 'issuedOn', 'validUntil', 'office', 'remark'];

/** The supergraph with 150 more datasets, of fifteen agencies that nobody asks, by the product's own composition. */
export function grownSupergraph(): string {
  const prelude = readFileSync(join(ROOT, 'schema/prelude.graphql'), 'utf8');
  const invented = Array.from({ length: AGENCIES }, (_, number): Subgraph => {
    const agency = `bench${number}`;
    const files = Array.from({ length: DATASETS }, (_none, index) => datasetSdl(agency, `${number}x${index}`));
    return { name: agency, sdl: agencySdl(prelude, files) };
  });
  return composeSupergraph([...readSubgraphs(ROOT), ...invented]).supergraphSdl;
}

/** A list of records, each with a few leaves and a list below. */
function datasetSdl(agency: string, name: string): string {
  const leaves = (type: string): string => LEAVES.map((leaf) => `  "量測 | ${type} ${leaf}"\n  ${leaf}: String`).join('\n');
  return `extend type DataSubject {
  "量測 ${name} | Bench ${name}"
  bench${name}: Bench${name}
}

"量測 | Bench"
type Bench${name} @dataset(id: "${agency}.register-${name}", unit: "${agency}.unit", methods: ["citizen-certificate"], refresh: "daily", legalBasis: "量測 | Bench", formats: ["json"]) {
  records(first: Int, after: String): [Bench${name}Record]
}

"量測 | Bench"
type Bench${name}Record {
${leaves(name)}
  "量測 | Parts"
  parts: [Bench${name}Part]
}

"量測 | Bench"
type Bench${name}Part {
${leaves(`${name} part`)}
}
`;
}
