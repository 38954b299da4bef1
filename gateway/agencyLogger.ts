import type { AgencyLogger } from '../subgraphs/_kit/serveAgency.ts';
import type { HubLog } from './hub.ts';

/** The hub's log as an agency that runs alone wants it. */
export function agencyLogger(log: HubLog, agency: string): AgencyLogger {
  const line = (members: object, note: string): void => log({ where: `agency ${agency}`, note: `${note} ${JSON.stringify(members)}` });
  return { info: () => undefined, warn: line, error: line };
}
