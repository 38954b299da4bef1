import { readFileSync } from 'node:fs';
import { readAgency } from '../agency.ts';
import { composeSupergraph, type Composition } from '../compose.ts';
import type { Composed } from '../composed.ts';
import { readContract } from '../contract.ts';
import { readRetired } from '../retired.ts';
import { agencySdl, HUB, type SubgraphSource } from '../subgraphSources.ts';
import { readSupergraph } from '../supergraph.ts';
import { SAMPLE } from './sampleAgency.ts';

const PRELUDE = readFileSync(new URL('../prelude.graphql', import.meta.url), 'utf8');

const HUB_SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])
type Query { me: DataSubject consents: [Consent!] }
type Mutation { withdrawConsent(id: ID!): Consent }
type Consent { id: ID! }
type DataSubject @key(fields: "id") { id: ID! @inaccessible }
`;

/** A hub and agencies, ready to compose: agency id → SDL. */
export function sampleSources(agencies: Readonly<Record<string, string>> = { mohw: SAMPLE }): SubgraphSource[] {
  const sources = Object.entries(agencies).map(([name, text]) => {
    const files = [{ path: `subgraphs/${name}/sample/schema.graphql`, text }];
    return { name, sdl: agencySdl(PRELUDE, [text]), files };
  });
  return [...sources, { name: HUB, sdl: HUB_SDL, files: [{ path: 'gateway/consent/schema.graphql', text: HUB_SDL }] }];
}

/** The sources composed, and read back; `change` may alter the supergraph on its way, `retiredText` stands for schema/retired.txt. */
export function sampleComposed(
  sources: readonly SubgraphSource[] = sampleSources(),
  change = (sdl: string) => sdl,
  retiredText = '',
): Composed {
  const { supergraphSdl, hints } = composeOnce(sources);
  const text = change(supergraphSdl);
  return {
    agencies: sources.filter(({ name }) => name !== HUB).map(({ name, files }) => readAgency(name, files)),
    supergraph: readSupergraph(text),
    contract: readContract(text),
    retired: readRetired(retiredText),
    hints,
  };
}

const composed = new Map<string, Composition>();

/** A composition costs much, and tests ask for the same one again and again. */
function composeOnce(sources: readonly SubgraphSource[]): Composition {
  const key = JSON.stringify(sources.map(({ name, sdl }) => [name, sdl]));
  const known = composed.get(key) ?? composeSupergraph(sources);
  composed.set(key, known);
  return known;
}
