import mongoose from 'mongoose';
import { Catalog } from './catalog.ts';
import type { Opened } from './collection.ts';
import { EmbeddedCollection } from './collection.ts';
import { openDatabaseFile } from './databaseFile.ts';
import { openGroupCommit } from './groupCommit.ts';
import type { NativeDriver } from './native.ts';
import { native } from './native.ts';
import { checkOptions } from './options.ts';
import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';

/** Members of a connection that a driver sets. */
interface Wiring {
  client: unknown;
  db: unknown;
  name: string;
  host: string;
  port: number;
  _connectionString: string;
  readyState: number;
  config: Doc;
  onOpen(): void;
}

/** Gives `prototype` a member that throws, for every method of the native class that it lacks. */
function refuseTheRest(prototype: object, nativeClass: { readonly prototype: object }): void {
  for (const name of Object.getOwnPropertyNames(nativeClass.prototype)) {
    if (name in prototype || typeof Object.getOwnPropertyDescriptor(nativeClass.prototype, name)?.value !== 'function') continue;
    const refuse = (): never => {
      throw unsupported(name);
    };
    Object.defineProperty(prototype, name, { value: refuse });
  }
}

/** One database file as the native driver's `Db`. */
class EmbeddedDb {
  readonly databaseName: string;
  readonly #opened: Opened;
  readonly #collections = new Map<string, EmbeddedCollection>();

  constructor(opened: Opened) {
    this.#opened = opened;
    this.databaseName = opened.name;
  }

  collection(name: string): EmbeddedCollection {
    let collection = this.#collections.get(name);
    if (!collection) this.#collections.set(name, (collection = new EmbeddedCollection(this.#opened, name)));
    return collection;
  }

  async createCollection(name: string, options?: Doc): Promise<EmbeddedCollection> {
    checkOptions('createCollection', options);
    if (!this.#opened.catalog.table(name)) await this.#opened.commits.write(() => this.#opened.catalog.ensure(name));
    return this.collection(name);
  }

  async dropCollection(name: string): Promise<boolean> {
    return this.collection(name).drop();
  }

  async dropDatabase(): Promise<boolean> {
    await this.#opened.commits.write(() => {
      for (const name of this.#opened.catalog.names()) this.#opened.catalog.drop(name);
    });
    return true;
  }
}

/** One database file as the native driver's `MongoClient`. */
class EmbeddedClient {
  readonly #db: EmbeddedDb;
  readonly #close: () => Promise<void>;

  constructor(db: EmbeddedDb, close: () => Promise<void>) {
    this.#db = db;
    this.#close = close;
  }

  db(name?: string): EmbeddedDb {
    if (name !== undefined && name !== this.#db.databaseName) throw unsupported('useDb: open the other database by its own name');
    return this.#db;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

refuseTheRest(EmbeddedCollection.prototype, mongoose.mongo.Collection);
refuseTheRest(EmbeddedDb.prototype, mongoose.mongo.Db);
refuseTheRest(EmbeddedClient.prototype, mongoose.mongo.MongoClient);

const SCHEME = 'embedded://';

/** A mongoose whose connections are database files below `dataDir`: `createConnection(addressOf(name))`. */
export function embeddedMongoose(dataDir: string): mongoose.Mongoose {
  class EmbeddedConnection extends native.Connection {
    /** mongoose's one hook: opens what the address names. */
    async createClient(address: string): Promise<this> {
      const wiring = this as unknown as Wiring;
      const name = address.slice(SCHEME.length);
      wiring.readyState = mongoose.ConnectionStates.connecting;
      wiring._connectionString = address;
      const file = openDatabaseFile(dataDir, name);
      const catalog = new Catalog(file.db);
      const commits = openGroupCommit(file, {
        undone: () => (catalog.reload(), catalog.settled()),
        durable: () => catalog.settled(),
      });
      const db = new EmbeddedDb({ name, path: file.path, catalog, commits });
      let closing: Promise<void> | null = null;
      const close = (): Promise<void> => (closing ??= commits.drain().then(() => (catalog.close(), file.close())));
      Object.assign(wiring, { client: new EmbeddedClient(db, close), db, name, host: 'embedded', port: 0 });
      wiring.onOpen();
      return this;
    }
  }
  const instance = new mongoose.Mongoose();
  // The type of setDriver is missing from mongoose's declarations.
  const { setDriver } = instance as unknown as { setDriver: (driver: NativeDriver) => void };
  setDriver.call(instance, { Connection: EmbeddedConnection, Collection: native.Collection, BulkWriteResult: native.BulkWriteResult });
  return instance;
}

/** What mongoose takes for a URI. */
export const addressOf = (name: string): string => `${SCHEME}${name}`;
