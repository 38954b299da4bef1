import { getOwn, isObject, type Data } from './mergeData.ts';

/** A place in the answer: response keys and list indices. */
export type Place = readonly (string | number)[];

export interface Path {
  /** Objects at the path, in order; nulls, and whatever does not fit, are left out. */
  readonly find: (root: Data) => Data[];
  /** Places of one object: several where the same object stands at several. */
  readonly placesOf: (root: Data, entity: Data) => Place[];
  /** The path as far as it is certain: to the first list. */
  readonly start: Place;
}

/** A response path of a query plan: keys, and `@` for each element of a list. */
export function compilePath(steps: readonly (string | number)[]): Path {
  const list = steps.indexOf('@');
  return {
    find(root) {
      const found: Data[] = [];
      walk(root, steps, 0, (entity) => found.push(entity));
      return found;
    },
    placesOf(root, entity) {
      const places: Place[] = [];
      const place: (string | number)[] = [];
      walk(root, steps, 0, (found) => found === entity && places.push([...place]), place);
      return places;
    },
    start: list < 0 ? steps : steps.slice(0, list),
  };
}

function walk(
  value: unknown,
  steps: readonly (string | number)[],
  at: number,
  visit: (entity: Data) => void,
  place?: (string | number)[],
): void {
  const step = steps[at];
  if (step === undefined || step === '@') {
    // A path may end at a list: then its elements are meant.
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        place?.push(index);
        walk(value[index], steps, step === undefined ? at : at + 1, visit, place);
        place?.pop();
      }
    } else if (step === undefined && isObject(value)) visit(value);
  } else if (isObject(value)) {
    place?.push(step);
    walk(getOwn(value, String(step)), steps, at + 1, visit, place);
    place?.pop();
  }
}
