import { join } from 'node:path';
import { openStore, type Store } from '../../store/openStore.ts';

/** The product's own, beside the compiled bench. */
export const SUPERGRAPH = join(import.meta.dirname, '../../schema/supergraph.graphql');

/** Where a store of the bench is: embedded, called `data` below the folder; or on MONGODB_URI, in databases of that prefix. */
export interface StorePlace {
  readonly folder: string;
  readonly data: string;
  readonly mongo?: boolean;
}

export function openSeeded({ folder, data, mongo = false }: StorePlace): Promise<Store> {
  if (!mongo) return openStore({ dataDir: join(folder, data) });
  return openStore({ uri: process.env['MONGODB_URI'], dataDir: folder, databasePrefix: `${data}_` });
}
