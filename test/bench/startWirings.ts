import type { Bench, Gateway } from './bench.ts';
import type { Options } from './options.ts';
import { warmUp } from './rows.ts';
import type { WiringRow } from './wirings.ts';

/** A row with the gateway that it is measured on. */
export type StartedRow = WiringRow & { readonly gateway: Gateway };

export interface Stores {
  /** Databases on MONGODB_URI, by a prefix of their own. */
  readonly mongo?: boolean;
  readonly prefix?: string;
}

/** The store of a row's gateway: a folder's name, or a prefix of databases. */
export function storeName({ way, kind }: Pick<WiringRow, 'way' | 'kind'>, prefix: string): string {
  return `${prefix}${way}_${kind}`;
}

/** Starts and warms a gateway for each kind and way among the rows. Where citizens come only once, its store holds them all. */
export async function startWirings(
  bench: Bench,
  rows: readonly WiringRow[],
  { citizens, quick }: Options,
  say: (line: string) => void,
  { mongo = false, prefix = '' }: Stores = {},
): Promise<readonly StartedRow[]> {
  const gateways = new Map<string, Gateway>();
  const nameOf = ({ way, kind }: WiringRow): string => `${prefix}${way}.${kind}`;
  for (const row of rows) {
    const name = nameOf(row);
    if (gateways.has(name)) continue;
    const isCold = rows.some((other) => nameOf(other) === name && other.load === 'cold');
    const data = storeName(row, prefix);
    if (isCold || mongo) await bench.seed({ folder: bench.folder, data, mongo }, isCold ? citizens : 200);
    const gateway = await bench.startGateway({ name, kind: row.kind, way: row.way, ...((isCold || mongo) && { data, mongo }) });
    await warmUp(bench, gateway, row, quick);
    if (isCold) await bench.agencies.ask('learn', { citizens });
    say(`gateway ${name} is warm`);
    gateways.set(name, gateway);
  }
  return rows.map((row) => ({ ...row, gateway: gateways.get(nameOf(row)) as Gateway }));
}
