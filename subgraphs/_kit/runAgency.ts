import { HubError } from '../../schema/errors.ts';
import type { WarrantPrivateKey, WarrantPublicKey } from '../../schema/warrantKey.ts';
import { createWarrantOpener } from '../../schema/warrantOpener.ts';
import { openStore } from '../../store/openStore.ts';
import type { Agency, AgencyOptions } from './createAgency.ts';
import { serveAgency, type ServeAgencyOptions } from './serveAgency.ts';

export interface RunAgencyOptions {
  readonly agency: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** MongoDB; without it, the embedded store below `dataDir`. */
  readonly uri?: string;
  /** Put before the database's name on MongoDB. */
  readonly databasePrefix?: string;
  /** The agency's own warrant keys, and the gateways' that it answers. */
  readonly keys: { readonly own: readonly WarrantPrivateKey[]; readonly gateways: readonly WarrantPublicKey[] };
  readonly tls?: NonNullable<ServeAgencyOptions['tls']>;
  /** The synthetic registers and their date, YYYY-MM-DD. Without it: no seeding, and today in Taiwan. */
  readonly demonstration?: { readonly registerDate: string };
  readonly now: () => number;
  readonly logger: ServeAgencyOptions['logger'];
  /** `openAgency` and `agencyDatabase` of subgraphs/agencies.ts. */
  readonly open: (id: string, options: Omit<AgencyOptions, 'folder'>) => Promise<Agency>;
  readonly database: (id: string) => string;
}

/** Runs one agency alone: store, registers, HTTP. Closing it closes all three. */
export async function runAgency(options: RunAgencyOptions): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { agency: id, host, port, dataDir, uri, databasePrefix, keys, tls, demonstration, now, logger } = options;
  const opener = createWarrantOpener({ agency: id, own: keys.own, gateways: keys.gateways, now });
  const store = await openStore({ dataDir, uri, databasePrefix });
  try {
    const connection = await store.database(options.database(id));
    const registerDate = demonstration === undefined ? () => todayInTaiwan(now()) : () => demonstration.registerDate;
    const agency = await options.open(id, { connection, now, registerDate });
    if (demonstration !== undefined) await agency.seed();
    const served = await serveAgency({ agency, opener, host, port, logger, ...(tls && { tls }) });
    return {
      port: served.port,
      async close() {
        await served.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error instanceof HubError ? error : new HubError('CONFIGURATION', `Agency "${id}" cannot start.`, { cause: error });
  }
}

/** YYYY-MM-DD in Taiwan, which has no summer time. */
export function todayInTaiwan(now: number): string {
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
}
