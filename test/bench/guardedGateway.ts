import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allBatches, batchModel } from '../../gateway/audit/batchModel.ts';
import { openHub, type HubLog } from '../../gateway/hub.ts';
import { httpTransport } from '../../gateway/operation/transport/http.ts';
import { createWarrantSealer } from '../../schema/warrantSealer.ts';
import { openStore, type Store } from '../../store/openStore.ts';
import { AGENCIES } from '../../subgraphs/agencies.ts';
import { benchKeys, PUBLIC_URL } from './benchKeys.ts';
import type { AuditCounts, Wiring, WiringInput } from './gatewayWiring.ts';

const log: HubLog = ({ where, note, error }) => console.error(`hub: ${where}: ${note ?? ''}`, error ?? '');

/** For one agency call, on a machine that others use too. */
const PATIENCE_MS = 20_000;

/** The product as it is: the hub's own wiring, with consent, warrants, token, proof and durable audit, over a seeded embedded store. */
export async function guardedGateway({ folder, addresses }: WiringInput): Promise<Wiring> {
  const { hub: keys } = benchKeys(folder);
  const store = await openStore({ dataDir: join(folder, 'hub') });
  const sealer = createWarrantSealer({ own: keys.warrant, agencies: keys.agencies, now: Date.now, randomBytes });
  let calls = 0;
  const transports = AGENCIES.map((agency) => {
    const transport = httpTransport({ agency, url: new URL(addresses.guarded[agency] ?? ''), sealer, timeoutMs: PATIENCE_MS });
    return {
      ...transport,
      call: (request: Parameters<typeof transport.call>[0]) => {
        calls += 1;
        return transport.call(request);
      },
    };
  });
  const hub = await openHub({
    publicUrl: PUBLIC_URL,
    store,
    keys,
    clients: [],
    supergraphSdl: readFileSync(join(import.meta.dirname, '../../schema/supergraph.graphql'), 'utf8'),
    transports,
    trust: [],
    sms: null,
    headsFile: join(folder, 'audit-heads.jsonl'),
    demonstration: false,
    introspection: false,
    log,
  });
  const address = await hub.app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: Number(new URL(address).port),
    calls: () => calls,
    async close() {
      await hub.close();
      await Promise.all(transports.map((transport) => transport.close()));
      const counts = await countAudit(store);
      await store.close();
      return counts;
    },
  };
}

/** Reads the whole log as a stranger would: what is not there was not recorded. */
async function countAudit(store: Store): Promise<AuditCounts> {
  const counts = { intents: 0, outcomes: 0, warrants: 0, commits: 0 };
  for await (const { entries } of allBatches(batchModel(await store.database('audit')))) {
    counts.commits += 1;
    for (const { body } of entries) {
      const { kind, warrants = [] } = JSON.parse(body ?? '{}') as { readonly kind?: string; readonly warrants?: readonly unknown[] };
      if (kind === 'DISCLOSURE_OUTCOME') counts.outcomes += 1;
      if (kind !== 'DISCLOSURE_INTENT') continue;
      counts.intents += 1;
      counts.warrants += warrants.length;
    }
  }
  return counts;
}
