import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subgraph } from './compose.ts';

/** One SDL file as somebody wrote it. */
export interface SdlFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** A subgraph and the files it is made of, without the prelude. */
export interface SubgraphSource extends Subgraph {
  readonly files: readonly SdlFile[];
}

/** Name of the hub's own subgraph. */
export const HUB = 'hub';
/** The hub's own SDL, relative to the repository's root. */
export const HUB_SCHEMA = 'gateway/consent/schema.graphql';
const PRELUDE = 'schema/prelude.graphql';

/** An agency's whole SDL: the prelude, then its own files. */
export function agencySdl(prelude: string, files: readonly string[]): string {
  return [prelude, ...files].join('\n');
}

/**
 * Reads every subgraph below the repository's root, sorted by name: for each agency the prelude, `subgraphs/<agency>/enums.graphql` if
 * there, and `subgraphs/<agency>/<dataset>/schema.graphql`; for the hub `gateway/consent/schema.graphql` alone, which has a header of its own.
 */
export function readSubgraphs(root: string): SubgraphSource[] {
  const prelude = readFileSync(join(root, PRELUDE), 'utf8');
  const agencies = foldersIn(join(root, 'subgraphs')).map((agency) => {
    const files = readFiles(root, agencyFiles(root, agency));
    return { name: agency, sdl: agencySdl(prelude, textsOf(files)), files };
  });
  const files = readFiles(root, [HUB_SCHEMA]);
  const hub = { name: HUB, sdl: textsOf(files).join('\n'), files };
  return [...agencies, hub].filter((source) => source.files.length > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One agency's whole SDL, for the process that serves it. */
export function readAgencySdl(root: string, agency: string): string {
  return agencySdl(readFileSync(join(root, PRELUDE), 'utf8'), textsOf(readFiles(root, agencyFiles(root, agency))));
}

function agencyFiles(root: string, agency: string): string[] {
  const folder = `subgraphs/${agency}`;
  return [`${folder}/enums.graphql`, ...foldersIn(join(root, folder)).map((dataset) => `${folder}/${dataset}/schema.graphql`)];
}

/** Sorted names of the folders in a folder; `_kit` and generated code are no agency and no dataset. */
function foldersIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_') && entry.name !== 'generated')
    .map((entry) => entry.name)
    .sort();
}

function readFiles(root: string, paths: readonly string[]): SdlFile[] {
  return paths.filter((path) => existsSync(join(root, path))).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function textsOf(files: readonly SdlFile[]): string[] {
  return files.map((file) => file.text);
}
