import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import { citizen } from '../clients/citizen/backend.ts';
import { CITIZEN_CLIENT } from './clients.ts';
import type { Hub, HubLog } from './hub.ts';

export interface CitizenClientOptions {
  readonly publicUrl: URL;
  /** The client's private key (ES256 JWK with `kid`). */
  readonly privateJwk: JWK;
  readonly log: HubLog;
}

/** Mounts the citizen's own client below /me. Its sessions are in the store, so that any gateway goes on with what another began. */
export async function mountCitizenClient({ app, identity }: Hub, { publicUrl, privateJwk, log }: CitizenClientOptions): Promise<void> {
  await app.register(
    citizen({
      hub: publicUrl.href,
      clientId: CITIZEN_CLIENT,
      privateJwk,
      web: join(import.meta.dirname, '../clients/citizen/web'),
      now: Date.now,
      sessions: identity.sessions,
      // What it asks of the hub goes to this process itself: not round by the balancer, whose certificate and address are no business of ours.
      address: ({ pathname, search }) => new URL(`${pathname}${search}`, ownAddress(app.server.address())),
      alarm: (error) => log({ where: 'login to the citizen client', error }),
    }),
  );
}

/** Where this process listens, as itself reaches it. */
function ownAddress(listening: AddressInfo | string | null): string {
  if (listening === null || typeof listening === 'string') throw new Error('The hub does not listen on a port yet.');
  const { address, port } = listening;
  const any: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const host = any[address] ?? address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
