import type { AgencyTransport } from '../../schema/agencyTransport.ts';
import type { WarrantSealer } from '../../schema/warrantSealer.ts';
import { httpTransport } from '../../gateway/operation/transport/http.ts';
import { inProcessTransport } from '../../gateway/operation/transport/inProcess.ts';
import { webSocketTransport } from '../../gateway/operation/transport/webSocket.ts';
import { AGENCIES, openAgency } from '../../subgraphs/agencies.ts';
import type { Agency } from '../../subgraphs/_kit/createAgency.ts';
import { REGISTER_DATE } from './citizens.ts';
import { memoryRegister } from './memoryRegister.ts';

/** How a gateway reaches the agencies. */
export type Way = 'http' | 'webSocket' | 'inProcess';

/** For one agency call, on a machine that others use too: a missing answer fails the run. */
const PATIENCE_MS = 20_000;

/** The product's transports to the bench's agencies. */
export async function agencyTransports(
  way: Way,
  origins: Readonly<Record<string, string>>,
  sealer: WarrantSealer,
): Promise<readonly AgencyTransport[]> {
  if (way === 'inProcess') return [...(await agenciesHere()).values()].map((agency) => inProcessTransport({ agency }));
  return AGENCIES.map((agency) => {
    const origin = origins[agency] ?? '';
    return way === 'http'
      ? httpTransport({ agency, url: new URL(origin), sealer, timeoutMs: PATIENCE_MS })
      : webSocketTransport({ agency, url: new URL(origin.replace(/^http/, 'ws')), sealer, timeoutMs: PATIENCE_MS });
  });
}

/** The agencies in this process, over registers in memory. */
export async function agenciesHere(): Promise<ReadonlyMap<string, Agency>> {
  const connection = memoryRegister();
  const agencies = new Map<string, Agency>();
  for (const id of AGENCIES) agencies.set(id, await openAgency(id, { connection, now: Date.now, registerDate: () => REGISTER_DATE }));
  return agencies;
}

/** The same transports, counted. */
export function counted(transports: readonly AgencyTransport[]): { readonly transports: readonly AgencyTransport[]; calls(): number } {
  let calls = 0;
  const each = transports.map((transport): AgencyTransport => ({
    ...transport,
    call: (request) => {
      calls += 1;
      return transport.call(request);
    },
  }));
  return { transports: each, calls: () => calls };
}
