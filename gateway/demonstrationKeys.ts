import { join } from 'node:path';
import { AGENCIES } from '../subgraphs/agencies.ts';
import { CITIZEN_CLIENT } from './clients.ts';
import { developmentKeys, type DevelopmentKeys } from './keyRing.ts';

/** The student-aid system of 國教署, a relying party that runs beside the hub. */
export const STUDENT_AID = 'student-aid';

/** Relying parties whose key the terminal journey may use: it reads `/dev/clients/<id>.json`. */
const CLIENTS = [STUDENT_AID, 'bank', CITIZEN_CLIENT];

/** The demonstration's keys in a data folder, made at the first start of the hub or of an agency. Throws as {@link developmentKeys}. */
export function demonstrationKeys(folder: string): DevelopmentKeys {
  return developmentKeys(join(folder, 'dev', 'keys.json'), AGENCIES, CLIENTS);
}
