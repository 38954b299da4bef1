import { HubError } from '../schema/errors.ts';
import { runAgency, type RunAgencyOptions } from '../subgraphs/_kit/runAgency.ts';
import { AGENCIES, agencyDatabase, openAgency } from '../subgraphs/agencies.ts';
import { agencyLogger } from './agencyLogger.ts';
import { dataFolder, type DemonstrationSettings, type ProductionAgencySettings } from './configuration.ts';
import { demonstrationKeys } from './demonstrationKeys.ts';
import type { HubLog, Running } from './hub.ts';
import { agencyKeys } from './keyRing.ts';
import { readTls } from './tlsFiles.ts';

interface Start<Settings> {
  readonly agency: string;
  readonly port: number;
  readonly settings: Settings;
  readonly log: HubLog;
  readonly say: (line: string) => void;
}

/** What every agency alone is given, whichever its keys. */
function common({ agency, port, settings, log }: Omit<Start<DemonstrationSettings | ProductionAgencySettings>, 'say'>) {
  return {
    agency,
    host: settings.HOST,
    port,
    ...(settings.MONGODB_URI !== undefined && { uri: settings.MONGODB_URI }),
    ...(settings.DATABASE_PREFIX !== undefined && { databasePrefix: settings.DATABASE_PREFIX }),
    now: Date.now,
    logger: agencyLogger(log, agency),
    open: openAgency,
    database: agencyDatabase,
  } satisfies Partial<RunAgencyOptions>;
}

/** `npm start -- --agency moi --port N`: one agency alone, with the demonstration's keys and its own database. */
export async function startDemonstrationAgency({ say, ...start }: Start<DemonstrationSettings>): Promise<Running> {
  const { agency, settings } = start;
  const folder = dataFolder(settings.DATA_DIR);
  const keys = demonstrationKeys(folder).agencies[agency];
  if (keys === undefined) throw new HubError('CONFIGURATION', `There is no agency "${agency}". There are: ${AGENCIES.join(', ')}.`);
  const demonstration = { registerDate: settings.REGISTER_DATE };
  const running = await runAgency({ ...common(start), dataDir: folder, keys, demonstration });
  const url = `http://${settings.HOST}:${running.port}`;
  say(`Agency ${agency} answers on ${url} under the demonstration's warrants (synthetic registers of ${settings.REGISTER_DATE}).`);
  say(`Start the hub so that it asks here:  AGENCY_URLS='{"${agency}":"${url}"}' npm start`);
  return running;
}

/** One agency in production, over https with mutual TLS. */
export async function startProductionAgency({ say, ...start }: Start<ProductionAgencySettings>): Promise<Running> {
  const { agency, settings } = start;
  const keys = agencyKeys(settings.AGENCY_KEYS_FILE);
  if (keys.agency !== agency)
    throw new HubError('CONFIGURATION', `${settings.AGENCY_KEYS_FILE} holds the keys of agency "${keys.agency}", not "${agency}".`);
  const running = await runAgency({ ...common(start), dataDir: settings.DATA_DIR ?? '', keys, tls: readTls(settings) });
  say(`Agency ${agency} answers on https://${settings.HOST}:${running.port}, for a gateway with a certificate and a warrant only.`);
  return running;
}
