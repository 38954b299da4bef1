import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HubError } from '../../schema/errors.ts';
import { readAgencySdl } from '../../schema/subgraphSources.ts';
import type { DatasetDefinition, RegisterRecord } from './defineDataset.ts';
import type { AgencyDefinition } from './defineAgency.ts';
import type { FactorContent } from './register.ts';

/** A dataset's folder, read. */
export interface DatasetFolder extends DatasetDefinition {
  readonly folder: string;
  /** The synthetic records beside it: sandbox answer, example and contract test at once. By national ID or UI number. */
  readonly records: ReadonlyMap<string, readonly RegisterRecord[]>;
}

/** An agency's folder, read: everything about it that is no running state. */
export interface AgencyFolder {
  readonly id: string;
  readonly definition: AgencyDefinition;
  /** The prelude and the folders' SDL. */
  readonly sdl: string;
  readonly datasets: readonly DatasetFolder[];
  /** Registers behind the predicates, synthetic. */
  readonly factors: FactorContent;
}

/** Sources run as `.ts` (tsx, jest), the build as `.js`. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Ids of the agencies below `<root>/subgraphs`: the folders that have an `agency.ts`. */
export function agencyIds(root: string): string[] {
  return foldersIn(join(root, 'subgraphs')).filter((name) => existsSync(join(root, 'subgraphs', name, `agency.${EXTENSION}`)));
}

/** Reads the folder of one agency of {@link agencyIds}. Throws CONFIGURATION when a file is not what it should be. */
export async function readAgencyFolder(root: string, id: string): Promise<AgencyFolder> {
  const folder = join(root, 'subgraphs', id);
  const datasets: DatasetFolder[] = [];
  for (const name of foldersIn(folder).filter((each) => existsSync(join(folder, each, `dataset.${EXTENSION}`)))) {
    const definition = (await importDefault(join(folder, name, `dataset.${EXTENSION}`))) as DatasetDefinition;
    const records = readJson(join(folder, name, 'records.json')) as Record<string, RegisterRecord | RegisterRecord[]>;
    datasets.push({ ...definition, folder: name, records: new Map(Object.entries(records).map(([key, value]) => [key, [value].flat()])) });
  }
  const registers = join(folder, 'registers.json');
  const factors = existsSync(registers) ? (readJson(registers) as Record<string, Record<string, string>>) : {};
  return {
    id,
    definition: (await importDefault(join(folder, `agency.${EXTENSION}`))) as AgencyDefinition,
    sdl: readAgencySdl(root, id),
    datasets,
    factors: new Map(Object.entries(factors).map(([register, values]) => [register, new Map(Object.entries(values))])),
  };
}

function foldersIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_') && entry.name !== 'generated')
    .map((entry) => entry.name)
    .sort();
}

async function importDefault(path: string): Promise<unknown> {
  return ((await import(pathToFileURL(path).href)) as { default: unknown }).default;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new HubError('CONFIGURATION', `${path} cannot be read as JSON.`, { cause });
  }
}
