import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { HubError } from '../schema/errors.ts';
import { createWarrantSealer } from '../schema/warrantSealer.ts';
import { openStore, type Store } from '../store/openStore.ts';
import { AGENCIES, agencyDatabase, openAgency } from '../subgraphs/agencies.ts';
import { tuitionWaiver } from '../clients/tuition-waiver/server.ts';
import { mountCitizenClient } from './citizenClient.ts';
import { CITIZEN_CLIENT, citizenCallback } from './clients.ts';
import { dataFolder, keepOf, publicUrlOf, type DemonstrationSettings } from './configuration.ts';
import { demonstrationKeys, STUDENT_AID } from './demonstrationKeys.ts';
import { developmentRoutes } from './developmentRoutes.ts';
import { openHub, type HubLog, type Running } from './hub.ts';
import { openDevAuthority } from './identity/devAuthority.ts';
import { seedDemonstration } from './identity/seedDemonstration.ts';
import { developmentSmsGateway } from './identity/smsGateway.ts';
import type { DevelopmentKeys } from './keyRing.ts';
import type { RegisteredClient } from './oidc/registeredClient.ts';
import { inProcessTransport } from './operation/transport/inProcess.ts';
import { transportTo } from './operation/transport/transportTo.ts';
import { PEOPLE } from './people.ts';

interface Start {
  readonly settings: DemonstrationSettings;
  readonly log: HubLog;
  readonly say: (line: string) => void;
}

const publicHalf = ({ d: _secret, ...jwk }: JWK & { kty: string }) => jwk;

/** Where a client's citizen comes back in the terminal journey: on the client's own origin, where nothing answers; the journey stops there. */
const TERMINAL = 'terminal';

function clientsOf(keys: DevelopmentKeys, publicUrl: URL, studentAid: string): readonly RegisteredClient[] {
  const client = (client_id: string, name: string, scope: string, callback: string): RegisteredClient => ({
    client_id,
    name,
    scope,
    redirect_uris: [callback, new URL(TERMINAL, callback).href],
    jwks: { keys: [publicHalf(keys.clients[client_id] as JWK & { kty: string })] },
  });
  return [
    client(STUDENT_AID, '教育部助學系統', 'openid', `${studentAid}/callback`),
    client('bank', '範例商業銀行', 'openid', `${studentAid}/bank/callback`),
    client(CITIZEN_CLIENT, 'MyData', 'openid hub', citizenCallback(publicUrl)),
  ];
}

/** Five agencies: in process on databases of their own, or over HTTP or WebSocket where AGENCY_URLS says so. */
async function connectAgencies({ AGENCY_URLS, REGISTER_DATE }: DemonstrationSettings, keys: DevelopmentKeys, store: Store) {
  for (const id of Object.keys(AGENCY_URLS))
    if (!AGENCIES.includes(id))
      throw new HubError('CONFIGURATION', `AGENCY_URLS: there is no agency "${id}". There are: ${AGENCIES.join(', ')}.`);
  const sealer = createWarrantSealer({ own: keys.hub.warrant, agencies: keys.hub.agencies, now: Date.now, randomBytes });
  return Promise.all(
    AGENCIES.map(async (agency) => {
      const url = AGENCY_URLS[agency];
      if (url !== undefined) return transportTo({ agency, url, sealer });
      const opened = await openAgency(agency, {
        connection: await store.database(agencyDatabase(agency)),
        now: Date.now,
        registerDate: () => REGISTER_DATE,
      });
      await opened.seed();
      return inProcessTransport({ agency: opened });
    }),
  );
}

/** `npm start`: the whole hub in one process on loopback, development helpers on, with synthetic people. */
export async function startDemonstration({ settings, log, say }: Start): Promise<Running> {
  const { PORT, HOST, MONGODB_URI } = settings;
  const folder = dataFolder(settings.DATA_DIR);
  const publicUrl = publicUrlOf(settings);
  const studentAidUrl = `http://localhost:${PORT + 1}`;
  const keys = demonstrationKeys(folder);
  const store = await openStore({ uri: MONGODB_URI, dataDir: folder, databasePrefix: settings.DATABASE_PREFIX });
  try {
    const transports = await connectAgencies(settings, keys, store);
    const authority = await openDevAuthority({ folder: join(folder, 'dev'), now: Date.now, randomBytes });
    const sms = developmentSmsGateway(Date.now);
    const clients = clientsOf(keys, publicUrl, studentAidUrl);
    const hub = await openHub({
      publicUrl,
      store,
      keys: keys.hub,
      clients,
      supergraphSdl: readFileSync(join(import.meta.dirname, '../schema/supergraph.graphql'), 'utf8'),
      transports,
      trust: authority.trust,
      sms,
      headsFile: join(folder, 'audit-heads.jsonl'),
      keep: keepOf(settings),
      demonstration: true,
      introspection: true,
      log,
    });
    await seedDemonstration({ identity: hub.identity, authority, listMessages: sms.listMessages, people: PEOPLE });
    await hub.app.register(developmentRoutes({ people: PEOPLE, authority, sms, clients, keys: keys.clients }));
    await mountCitizenClient(hub, { publicUrl, privateJwk: keys.clients[CITIZEN_CLIENT] as JWK, log });
    await hub.app.listen({ host: HOST, port: PORT });
    const studentAid = await tuitionWaiver({
      hub: publicUrl.href,
      clientId: STUDENT_AID,
      privateJwk: keys.clients[STUDENT_AID] as JWK,
      redirectUri: `${studentAidUrl}/callback`,
    });
    await studentAid.listen({ host: HOST, port: PORT === 0 ? 0 : PORT + 1 });
    for (const line of welcome(publicUrl, studentAidUrl, folder, store.engine)) say(line);
    return {
      async close() {
        await studentAid.close();
        await hub.close();
        await Promise.all(transports.map((transport) => transport.close()));
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function welcome(publicUrl: URL, studentAid: string, folder: string, engine: Store['engine']): readonly string[] {
  const at = (path: string): string => new URL(path, publicUrl).href;
  const rows: readonly (readonly [string, string])[] = [
    [`${studentAid}/`, 'the student-aid system: begin the tuition-waiver journey here'],
    [at('/dev'), 'the synthetic people and what they hold; /dev/sms shows text messages'],
    [at('/me'), 'my consents, and who saw what'],
    [at('/graphql'), 'GraphQL for relying parties; the schema is at /schema.graphql'],
  ];
  const width = Math.max(...rows.map(([url]) => url.length));
  return [
    '',
    'DEMONSTRATION: synthetic people, development keys and helpers, listening on loopback only. Not for real data.',
    '',
    ...rows.map(([url, what]) => `  ${url.padEnd(width)}  ${what}`),
    '',
    `  data: ${folder} (${engine === 'embedded' ? 'embedded store' : 'MongoDB for the store; keys and audit heads here'})`,
    '',
    'The same journey from a terminal:',
    '',
    `  npm run journey -- --hub ${publicUrl.origin}`,
    '',
  ];
}
