import { fileURLToPath } from 'node:url';
import { agencyIds, readAgencyFolder } from './_kit/agencyFolder.ts';
import { createAgency, type Agency, type AgencyOptions } from './_kit/createAgency.ts';

/** The folder that holds `subgraphs/` and `schema/`: the sources' root, or `dist/`. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Ids of all agencies, sorted: every folder here with an `agency.ts`. */
export const AGENCIES: readonly string[] = agencyIds(ROOT);

/** The name of an agency's own database. */
export function agencyDatabase(agency: string): string {
  return `agency_${agency}`;
}

/** Builds one agency on its own database. Throws CONFIGURATION for an unknown id. */
export async function openAgency(id: string, options: Omit<AgencyOptions, 'folder'>): Promise<Agency> {
  return createAgency({ ...options, folder: await readAgencyFolder(ROOT, id) });
}
