import { isDeepStrictEqual } from 'node:util';
import type { Said } from './runBoth.ts';

/** How two executors' answers differ: not at all, in a way in which the stock one is known to be wrong, or otherwise. */
export type Verdict = 'SAME' | 'STOCK_THREW' | 'STOCK_MISPLACED_ERROR' | 'DATA' | 'ERRORS' | 'UNFIT';

/**
 * The same data, the same errors at the same places, the same misfits (which the stock executor tells only where there are no errors). An
 * error must stand at a null (GraphQL §7.1.2): ours do. The stock executor counts entities that it did not ask for, and is in the wrong element
 * of a list then, or has no place at all (departures.test.ts).
 */
export function compareSaid(stock: Said | Error, ours: Said): Verdict {
  if (stock instanceof Error) return 'STOCK_THREW';
  if (!isDeepStrictEqual(plain(stock.data), ours.data)) return 'DATA';
  if (!isDeepStrictEqual(stock.errors, ours.errors)) {
    const words = ({ errors }: Said): string[] => errors.map((text) => JSON.stringify({ ...parts(text), path: null })).sort();
    const placed = ({ errors }: Said): boolean => errors.every((text) => isNullAt(ours.data, parts(text).path));
    const elements = ({ errors }: Said): string[] => errors.map((text) => text.replace(/,\d+(?=[,\]])/g, ',#')).sort();
    const lost = !placed(stock) || isDeepStrictEqual(elements(stock), elements(ours));
    return isDeepStrictEqual(words(stock), words(ours)) && placed(ours) && lost ? 'STOCK_MISPLACED_ERROR' : 'ERRORS';
  }
  return stock.errors.length > 0 || stock.unfit.every((path) => ours.unfit.includes(path)) ? 'SAME' : 'UNFIT';
}

/** Without the null prototypes that the stock executor gives its objects. */
function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data));
}

function parts(text: string): { message: string; path: (string | number)[] | null; code: string | null } {
  const [message, path, code] = JSON.parse(text) as [string, (string | number)[] | null, string | null];
  return { message, path, code };
}

/** Whether there is no value at a place, or it ends before. A place without a path is everywhere. */
function isNullAt(data: unknown, path: readonly (string | number)[] | null): boolean {
  let value = data;
  for (const step of path ?? []) {
    if (typeof value !== 'object' || value === null) return value === null;
    value = Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : null;
  }
  return path === null || value === null;
}
