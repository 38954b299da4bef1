import mongoose from 'mongoose';
import { HubError } from '../schema/errors.ts';
import { addressOf, embeddedMongoose } from './embedded/driver.ts';

export interface StoreOptions {
  /** A MongoDB URI; without one the embedded engine keeps its files in `dataDir`. */
  readonly uri?: string | undefined;
  readonly dataDir: string;
  /** Put before each database's name on MongoDB, so that tests do not meet: `test_x1_hub`. */
  readonly databasePrefix?: string | undefined;
  /** MongoDB only: the connection emits `commandStarted`, `commandSucceeded`, `commandFailed`. */
  readonly monitorCommands?: boolean | undefined;
}

export interface Store {
  readonly engine: 'embedded' | 'mongodb';
  /** No other process can write here, so what this process wrote last is what the store holds. */
  readonly ownsAllWrites: boolean;
  /** The connection to one owner's database (`hub`, `audit`, `agency_moi`); the same each time. Throws STORE_LOCKED, STORE_CORRUPT, STORE_UNWRITABLE. */
  database(name: string): Promise<mongoose.Connection>;
  /** Waits for writes under way, then closes every database. */
  close(): Promise<void>;
}

/** How long a server is looked for, at the start and before each command, milliseconds: who waits for an answer waits no longer. */
const PATIENCE_MS = 3000;

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown error');

/** Opens the store by its URI, or the embedded one (docs/store.md). On MongoDB each write is acknowledged by the majority, in their journals. Throws STORE_UNREACHABLE. */
export async function openStore({ uri, dataDir, databasePrefix = '', monitorCommands = false }: StoreOptions): Promise<Store> {
  const opened = new Map<string, Promise<mongoose.Connection>>();
  const each = (open: (name: string) => Promise<mongoose.Connection>) => (name: string) => {
    if (!/^[a-z][a-z0-9_]{0,47}$/.test(name)) return Promise.reject(new HubError('CONFIGURATION', `"${name}" cannot name a database.`));
    let connection = opened.get(name);
    if (!connection) {
      connection = open(name);
      opened.set(name, connection);
      // A failed opening may be tried again.
      connection.catch(() => opened.delete(name));
    }
    return connection;
  };

  if (uri === undefined || uri === '') {
    const embedded = embeddedMongoose(dataDir);
    return {
      engine: 'embedded',
      ownsAllWrites: true,
      database: each(async (name) => {
        const connection = embedded.createConnection();
        try {
          await connection.openUri(addressOf(name));
        } catch (error) {
          await connection.destroy();
          throw error;
        }
        return connection;
      }),
      close: async () => {
        for (const connection of await Promise.allSettled(opened.values()))
          if (connection.status === 'fulfilled') await connection.value.destroy();
      },
    };
  }

  const options = { writeConcern: { w: 'majority', j: true }, serverSelectionTimeoutMS: PATIENCE_MS, monitorCommands } as const;
  const client = await mongoose
    .createConnection(uri, options)
    .asPromise()
    .catch((cause: unknown) => {
      // A message names hosts when no server was found; another one may quote the URI, and the password in it.
      const detail = cause instanceof mongoose.Error.MongooseServerSelectionError ? cause.message : `MONGODB_URI: ${nameOf(cause)}.`;
      throw new HubError('STORE_UNREACHABLE', detail, { cause });
    });
  return {
    engine: 'mongodb',
    ownsAllWrites: false,
    database: each(async (name) => client.useDb(`${databasePrefix}${name}`, { useCache: true })),
    close: () => client.destroy(),
  };
}
