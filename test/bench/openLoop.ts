import type { Bench } from './bench.ts';
import { rowOf, type Row } from './rows.ts';
import type { Gateway } from './bench.ts';
import type { WiringRow } from './wirings.ts';

/** Connections that arriving requests may use. */
const CONNECTIONS = 256;

/** Latency where requests arrive at half the rate that the same gateway showed at saturation, counted from when each was due. */
export async function measureOpenLoop(
  bench: Bench,
  wirings: readonly (WiringRow & { readonly gateway: Gateway })[],
  saturated: readonly Row[],
  seconds: number,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { id, title, gateway, credentials } of wirings) {
    const perSecond = Math.round((saturated.find((row) => row.id === id)?.perSecond ?? 0) / 2);
    const measured = await bench.run(gateway, { credentials, load: 'warm', seconds, perSecond, concurrency: CONNECTIONS });
    rows.push(rowOf({ id, title }, [measured]));
  }
  return rows;
}
