import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { HubError } from '../schema/errors.ts';
import { createWarrantSealer } from '../schema/warrantSealer.ts';
import { openStore } from '../store/openStore.ts';
import { runAgency } from '../subgraphs/_kit/runAgency.ts';
import { AGENCIES, agencyDatabase, openAgency } from '../subgraphs/agencies.ts';
import { mountCitizenClient } from './citizenClient.ts';
import { checkCitizenClient, readClients } from './clients.ts';
import { keepOf, type ProductionAgencySettings, type ProductionSettings } from './configuration.ts';
import { openHub, type HubLog, type Running } from './hub.ts';
import { agencyLogger } from './agencyLogger.ts';
import { httpSmsGateway } from './identity/httpSmsGateway.ts';
import { fileTrustList, isDevelopment } from './identity/trustList.ts';
import { valkeyReplayCache } from './identity/valkeyReplayCache.ts';
import { agencyKeys, citizenKey, hubKeys } from './keyRing.ts';
import { httpTransport } from './operation/transport/http.ts';

interface Start<Settings> {
  readonly settings: Settings;
  readonly log: HubLog;
  readonly say: (line: string) => void;
}

/** Reads a PEM or JSON file named in the settings. Throws CONFIGURATION naming the file. */
function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HubError('CONFIGURATION', `Cannot read ${file}.`, { cause });
  }
}

const tlsOf = (settings: { AGENCY_TLS_CA_FILE: string; AGENCY_TLS_CERT_FILE: string; AGENCY_TLS_KEY_FILE: string }) => ({
  ca: text(settings.AGENCY_TLS_CA_FILE),
  cert: text(settings.AGENCY_TLS_CERT_FILE),
  key: text(settings.AGENCY_TLS_KEY_FILE),
});

/** The hub in production: explicit keys, trust list, clients and URL; every agency over https with mutual TLS. */
export async function startProduction({ settings, log, say }: Start<ProductionSettings>): Promise<Running> {
  const keys = hubKeys(settings.KEYS_FILE);
  const clients = readClients(settings.CLIENTS_FILE);
  const privateJwk = citizenKey(settings.CITIZEN_KEY_FILE);
  checkCitizenClient(clients, settings.CLIENTS_FILE, settings.PUBLIC_URL, privateJwk);
  const trust = await fileTrustList(settings.TRUST_LIST_FILE, settings.CRL_FILE);
  if (trust.some(({ certificate }) => isDevelopment(certificate))) {
    throw new HubError('CONFIGURATION', `${settings.TRUST_LIST_FILE} trusts a development authority. Production takes real ones only.`);
  }
  for (const agency of AGENCIES) {
    if (settings.AGENCY_URLS[agency] === undefined) throw new HubError('CONFIGURATION', `AGENCY_URLS: no URL for agency "${agency}".`);
    if (settings.AGENCY_URLS[agency].protocol !== 'https:')
      throw new HubError('CONFIGURATION', `AGENCY_URLS: agency "${agency}" must be reached by https.`);
    if (keys.agencies[agency] === undefined)
      throw new HubError('CONFIGURATION', `${settings.KEYS_FILE}: no pinned key for agency "${agency}".`);
  }
  const sealer = createWarrantSealer({ own: keys.warrant, agencies: keys.agencies, now: Date.now, randomBytes });
  const tls = tlsOf(settings);
  const transports = AGENCIES.map((agency) => httpTransport({ agency, url: settings.AGENCY_URLS[agency] as URL, sealer, tls }));
  const store = await openStore({ uri: settings.MONGODB_URI, dataDir: settings.DATA_DIR ?? '', databasePrefix: settings.DATABASE_PREFIX });
  const replay = settings.VALKEY_URL === undefined ? undefined : valkeyReplayCache(settings.VALKEY_URL);
  const hub = await openHub({
    publicUrl: settings.PUBLIC_URL,
    store,
    keys,
    clients,
    supergraphSdl: text(join(import.meta.dirname, '../schema/supergraph.graphql')),
    transports,
    trust,
    sms: settings.SMS_GATEWAY_URL === undefined ? null : httpSmsGateway(settings.SMS_GATEWAY_URL),
    headsFile: settings.AUDIT_HEADS_FILE,
    ...(replay && { replay }),
    keep: keepOf(settings),
    demonstration: false,
    introspection: false,
    log,
  });
  await mountCitizenClient(hub, { publicUrl: settings.PUBLIC_URL, privateJwk, log });
  await hub.app.listen({ host: settings.HOST, port: settings.PORT });
  say(`The hub answers on ${settings.HOST}:${settings.PORT} for ${settings.PUBLIC_URL.href}`);
  return {
    async close() {
      await hub.close();
      await Promise.all(transports.map((transport) => transport.close()));
      await replay?.close();
      await store.close();
    },
  };
}

/** One agency in production, over https with mutual TLS. */
export async function startProductionAgency({
  agency,
  port,
  settings,
  log,
  say,
}: Start<ProductionAgencySettings> & { readonly agency: string; readonly port: number }): Promise<Running> {
  const keys = agencyKeys(settings.AGENCY_KEYS_FILE);
  if (keys.agency !== agency)
    throw new HubError('CONFIGURATION', `${settings.AGENCY_KEYS_FILE} holds the keys of agency "${keys.agency}", not "${agency}".`);
  const running = await runAgency({
    agency,
    host: settings.HOST,
    port,
    dataDir: settings.DATA_DIR ?? '',
    ...(settings.MONGODB_URI !== undefined && { uri: settings.MONGODB_URI }),
    ...(settings.DATABASE_PREFIX !== undefined && { databasePrefix: settings.DATABASE_PREFIX }),
    keys,
    tls: tlsOf(settings),
    now: Date.now,
    logger: agencyLogger(log, agency),
    open: openAgency,
    database: agencyDatabase,
  });
  say(`Agency ${agency} answers on https://${settings.HOST}:${running.port}, for a gateway with a certificate and a warrant only.`);
  return running;
}
