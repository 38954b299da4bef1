import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { HubError } from '../schema/errors.ts';
import { createWarrantSealer } from '../schema/warrantSealer.ts';
import { openStore } from '../store/openStore.ts';
import { AGENCIES } from '../subgraphs/agencies.ts';
import { mountCitizenClient } from './citizenClient.ts';
import { checkCitizenClient, readClients } from './clients.ts';
import { keepOf, type ProductionSettings } from './configuration.ts';
import { openHub, type HubLog, type Running } from './hub.ts';
import { httpSmsGateway } from './identity/httpSmsGateway.ts';
import { fileTrustList, isDevelopment } from './identity/trustList.ts';
import { valkeyReplayCache } from './identity/valkeyReplayCache.ts';
import { citizenKey, hubKeys } from './keyRing.ts';
import { transportTo } from './operation/transport/transportTo.ts';
import { readTls } from './tlsFiles.ts';

interface Start {
  readonly settings: ProductionSettings;
  readonly log: HubLog;
  readonly say: (line: string) => void;
}

/** The hub in production: explicit keys, trust list, clients and URL; every agency over https with mutual TLS. */
export async function startProduction({ settings, log, say }: Start): Promise<Running> {
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
    if (!/^(https|wss):$/.test(settings.AGENCY_URLS[agency].protocol))
      throw new HubError('CONFIGURATION', `AGENCY_URLS: agency "${agency}" must be reached by https or wss.`);
    if (keys.agencies[agency] === undefined)
      throw new HubError('CONFIGURATION', `${settings.KEYS_FILE}: no pinned key for agency "${agency}".`);
  }
  const sealer = createWarrantSealer({ own: keys.warrant, agencies: keys.agencies, now: Date.now, randomBytes });
  const tls = readTls(settings);
  const transports = AGENCIES.map((agency) => transportTo({ agency, url: settings.AGENCY_URLS[agency] as URL, sealer, tls }));
  const store = await openStore({ uri: settings.MONGODB_URI, dataDir: settings.DATA_DIR ?? '', databasePrefix: settings.DATABASE_PREFIX });
  const replay = settings.VALKEY_URL === undefined ? undefined : valkeyReplayCache(settings.VALKEY_URL);
  const hub = await openHub({
    publicUrl: settings.PUBLIC_URL,
    store,
    keys,
    clients,
    supergraphSdl: readFileSync(join(import.meta.dirname, '../schema/supergraph.graphql'), 'utf8'),
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
