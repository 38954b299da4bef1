import type { Model } from 'mongoose';
import { orUnavailable } from './orUnavailable.ts';

/** Longest wait for a read that decides, in milliseconds. */
const PATIENCE_MS = 2000;

const OPTIONS = { readPreference: 'primary', readConcern: { level: 'linearizable' }, maxTimeMS: PATIENCE_MS } as const;

/**
 * Reads one document by its id so that it shows every write acknowledged before the read began, whichever replica took it (docs/contract.md §3).
 * Throws UNAVAILABLE when that cannot be had in time: a read that fails refuses. Past mongoose's query, as this is on every request's way.
 */
export async function readFresh<Stored>(model: Model<Stored>, id: string): Promise<Stored | null> {
  return orUnavailable(model.modelName, model.collection.findOne<Stored & { _id: never }>({ _id: String(id) as never }, OPTIONS));
}
