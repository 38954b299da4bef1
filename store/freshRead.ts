import type { Model } from 'mongoose';
import { HubError } from '../schema/errors.ts';
import { EmbeddedCollection } from './embedded/collection.ts';

/** Longest wait for a read that decides, in milliseconds. */
const PATIENCE_MS = 2000;

const LINEARIZABLE = { readPreference: 'primary', readConcern: { level: 'linearizable' }, maxTimeMS: PATIENCE_MS } as const;

/** Reads one document by its id; null: there is none. */
type ReadById<Read> = (id: string) => Read | null | Promise<Read | null>;

/**
 * A read of single documents by id that shows every write acknowledged before it began, whichever replica took it (docs/contract.md §3), as
 * `read` makes them: a pure function, for what it gives may be held and given again, frozen. A read that fails refuses: it throws UNAVAILABLE
 * (embedded: the store's own codes), and whatever `read` throws. On MongoDB one linearizable read of the primary, past mongoose's query, as this is on every request's way; on
 * the embedded store from at most `heldBytes` of memory per model, where every write goes through this process.
 */
export function freshReads<Stored extends object, Read extends object>(
  read: (stored: Stored) => Read,
  heldBytes: number,
): (model: Model<Stored>, id: string) => Promise<Read | null> {
  const readers = new WeakMap<Model<Stored>, ReadById<Read>>();

  function readerOf({ collection, db, modelName }: Model<Stored>): ReadById<Read> {
    const own: unknown = db.db?.collection(collection.collectionName);
    if (own instanceof EmbeddedCollection) return own.reader(read, heldBytes);
    return async (id) => {
      const asked = collection.findOne<Stored & { _id: never }>({ _id: id as never }, LINEARIZABLE);
      const stored = await asked.catch((cause: unknown) => {
        throw new HubError('UNAVAILABLE', modelName, { cause });
      });
      return stored === null ? null : read(stored);
    };
  }

  return async (model, id) => {
    let reader = readers.get(model);
    if (reader === undefined) readers.set(model, (reader = readerOf(model)));
    // An object that would be a filter is text like any other id, and finds nothing.
    return reader(String(id));
  };
}
