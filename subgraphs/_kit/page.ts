import type { RegisterRecord } from './defineDataset.ts';

/** Records in one answer, at most. */
export const PAGE_CAP = 100;

export interface Page {
  readonly records: readonly RegisterRecord[];
  /** Only when more follow. */
  readonly endCursor: string | null;
}

/**
 * A page of records in their stable order, capped at 100: `first` of them after the cursor `after`.
 * Null for a negative `first` or a cursor that this dataset did not give.
 */
export function page(dataset: string, records: readonly RegisterRecord[], first?: number | null, after?: string | null): Page | null {
  const from = after === undefined || after === null ? 0 : readCursor(dataset, after);
  if (from === null || (first ?? 0) < 0) return null;
  const to = from + Math.min(first ?? PAGE_CAP, PAGE_CAP);
  return { records: records.slice(from, to), endCursor: to < records.length ? writeCursor(dataset, to) : null };
}

function writeCursor(dataset: string, position: number): string {
  return Buffer.from(`${dataset}:${position}`).toString('base64url');
}

function readCursor(dataset: string, cursor: string): number | null {
  if (cursor.length > 200) return null;
  const [of, position = '', more] = Buffer.from(cursor, 'base64url').toString().split(':');
  return of === dataset && more === undefined && /^[1-9]\d{0,8}$/.test(position) ? Number(position) : null;
}
