import { readFilter } from './match.ts';
import type { Query } from './find.ts';
import { readSort } from './sortRows.ts';
import { unsupported } from './unsupported.ts';
import type { Doc } from './value.ts';
import { plain } from './value.ts';

/** Every write here is durable and every read fresh and quick, so these are granted as they stand. */
const GRANTED = 'readPreference readConcern writeConcern w j journal wtimeout maxTimeMS comment ordered batchSize allowDiskUse';
/** mongoose's own, which it passes on to any driver. */
const OF_MONGOOSE = 'runValidators setDefaultsOnInsert overwriteImmutable strict timestamps new context validateBeforeSave';

const allow = (names: string): ReadonlySet<string> => new Set(`${GRANTED} ${OF_MONGOOSE} ${names}`.split(' '));

/** The options that each command takes. */
export const OPTIONS = {
  find: allow('projection sort skip limit'),
  count: allow('skip limit'),
  insert: allow(''),
  update: allow('upsert'),
  delete: allow(''),
  modify: allow('upsert projection sort returnDocument includeResultMetadata'),
  createIndex: allow('name unique sparse background'),
  createCollection: allow('autoIndexId'),
} as const;

/** Throws STORE_UNSUPPORTED for the first option that is set and that the command does not take. Undefined, null and false count as not set. */
export function checkOptions(command: keyof typeof OPTIONS, options: object | undefined): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value !== undefined && value !== null && value !== false && !OPTIONS[command].has(name)) throw unsupported(`option ${name}`);
  }
}

/** Reads filter, sort, skip and limit of the subset. A negative limit asks for one batch only, which is the same here. */
export function readQuery(filter: object, options?: { sort?: unknown; skip?: unknown; limit?: unknown }): Query & { readonly asked: Doc } {
  const skip = Number(options?.skip ?? 0);
  const limit = Math.abs(Number(options?.limit ?? 0));
  if (!Number.isInteger(skip) || skip < 0 || !Number.isInteger(limit)) throw unsupported('skip or limit that is no whole number');
  const asked = plain(filter);
  return { asked, filter: readFilter(asked), sort: readSort(options?.sort), skip, limit };
}
