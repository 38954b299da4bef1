import { fileURLToPath } from 'node:url';
import { HubError } from '../schema/errors.ts';
import { agencyIds, readAgencyFolder, type AgencyFolder } from './_kit/agencyFolder.ts';
import { createAgency, type Agency, type AgencyOptions } from './_kit/createAgency.ts';

/** The folder that holds `subgraphs/` and `schema/`: the sources' root, or `dist/`. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Every folder here with an `agency.ts`, read once, by id. One after the other: a few small files, and an order that never varies. */
export const AGENCY_FOLDERS: ReadonlyMap<string, AgencyFolder> = await readAll();

/** Ids of all agencies, sorted. */
export const AGENCIES: readonly string[] = [...AGENCY_FOLDERS.keys()];

async function readAll(): Promise<Map<string, AgencyFolder>> {
  const folders = new Map<string, AgencyFolder>();
  for (const id of agencyIds(ROOT)) folders.set(id, await readAgencyFolder(ROOT, id));
  return folders;
}

/** The name of an agency's own database. */
export function agencyDatabase(agency: string): string {
  return `agency_${agency}`;
}

/** Builds one agency on its own database. Throws CONFIGURATION for an unknown id. */
export async function openAgency(id: string, options: Omit<AgencyOptions, 'folder'>): Promise<Agency> {
  const folder = AGENCY_FOLDERS.get(id);
  if (folder === undefined) throw new HubError('CONFIGURATION', `There is no agency "${id}". There are: ${AGENCIES.join(', ')}.`);
  return createAgency({ ...options, folder });
}
