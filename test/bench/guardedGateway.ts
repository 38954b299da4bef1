import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHub, type HubLog } from '../../gateway/hub.ts';
import { createWarrantSealer } from '../../schema/warrantSealer.ts';
import { agencyTransports, counted } from './agencyTransports.ts';
import { countAudit } from './auditCount.ts';
import { benchKeys, PUBLIC_URL } from './benchKeys.ts';
import { benchCitizen } from './citizens.ts';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { openSeeded, SUPERGRAPH } from './seededStore.ts';

const said = new Set<string>();

/** Each kind of trouble once: an attack makes thousands of one. */
const log: HubLog = ({ where, note = '', error }) => {
  const line = `hub: ${where}: ${note}${error instanceof Error ? error.message : ''}`;
  if (!said.has(line)) console.error(line, error ?? '');
  said.add(line);
};

/** The product as it is: the hub's own wiring, with token, proof, consent, warrants and durable audit, over a seeded store. */
export async function guardedGateway(input: WiringInput): Promise<Wiring> {
  const { hub: keys } = benchKeys(input.folder);
  const store = await openSeeded(input);
  const sealer = createWarrantSealer({ own: keys.warrant, agencies: keys.agencies, now: Date.now, randomBytes });
  const { transports, calls } = counted(await agencyTransports(input.way, input.addresses.guarded, sealer));
  const hub = await openHub({
    publicUrl: PUBLIC_URL,
    store,
    keys,
    clients: [],
    supergraphSdl: readFileSync(input.supergraph ?? SUPERGRAPH, 'utf8'),
    transports,
    trust: [],
    sms: null,
    headsFile: join(input.folder, `${input.data}-heads.jsonl`),
    demonstration: false,
    introspection: false,
    log,
  });
  const address = await hub.app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: Number(new URL(address).port),
    calls,
    async withdraw(number) {
      const { consent, subject } = benchCitizen(number);
      const { kind } = await hub.consents.withdraw({ consentId: consent, subject });
      if (kind !== 'CHANGED') throw new Error('The consent of the bench could not be withdrawn.');
    },
    async close() {
      await hub.close();
      await Promise.all(transports.map((transport) => transport.close()));
      const counts = await countAudit(store);
      await store.close();
      return counts;
    },
  };
}
