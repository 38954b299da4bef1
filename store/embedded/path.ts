import { isDoc } from './value.ts';

/** What a dotted path leads to in one document. */
export interface Found {
  /** Each value at the end of the path, through arrays of documents. `undefined` stands for a missing member. */
  readonly values: unknown[];
  /** An array was met on the way or at the end. */
  throughArray: boolean;
}

/** What an array at the end of a path gives: itself, its elements, or both (as MongoDB matches and, here, indexes). */
type AtEnd = 'itself' | 'elements' | 'both';

const INDEX = /^(0|[1-9]\d*)$/;

/** Whether a part of a path can be the index of an array. */
export const isArrayIndex = (part: string): boolean => INDEX.test(part);

/**
 * Follows `parts` as MongoDB does: an array on the way is followed into each of its documents, and by index where the part is a number; a scalar on the way is a missing member.
 */
export function follow(doc: unknown, parts: readonly string[], atEnd: AtEnd): Found {
  const found: Found = { values: [], throughArray: false };
  walk(doc, parts, 0, atEnd, found);
  return found;
}

function walk(value: unknown, parts: readonly string[], at: number, atEnd: AtEnd, found: Found): void {
  const part = parts[at];
  if (part === undefined) {
    if (Array.isArray(value)) {
      found.throughArray = true;
      if (atEnd !== 'itself') for (const element of value as unknown[]) found.values.push(element);
      if (atEnd === 'elements') return;
    }
    found.values.push(value);
  } else if (isDoc(value)) {
    walk(Object.hasOwn(value, part) ? value[part] : undefined, parts, at + 1, atEnd, found);
  } else if (Array.isArray(value)) {
    found.throughArray = true;
    for (const element of value as unknown[]) if (isDoc(element)) walk(element, parts, at, atEnd, found);
    if (isArrayIndex(part) && Number(part) < value.length) walk(value[Number(part)], parts, at + 1, atEnd, found);
  } else {
    found.values.push(undefined);
  }
}
