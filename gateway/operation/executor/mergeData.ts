/** An object of an answer. It may come from JSON: what it has is its own, `__proto__` included, and nothing else is read from it. */
export type Data = Record<string, unknown>;

export function isObject(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function getOwn(data: Data, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}

/** Sets a member and never a prototype. */
export function setOwn(data: Data, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true });
  else data[key] = value;
}

/** Merges what another fetch brought into an object: objects member by member, lists of one length element by element, else the later value. */
export function mergeData(target: Data, source: Data): void {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value !== undefined) setOwn(target, key, merged(getOwn(target, key), value));
  }
}

function merged(old: unknown, value: unknown): unknown {
  if (isObject(old) && isObject(value)) {
    mergeData(old, value);
    return old;
  }
  if (Array.isArray(old) && Array.isArray(value) && old.length === value.length) {
    for (const [index, element] of value.entries()) (old as unknown[])[index] = merged(old[index], element);
    return old;
  }
  return value;
}

/** A copy that shares no object with the original, so that merging into one place changes no other. */
export function copyData<T>(value: T): T {
  if (Array.isArray(value)) return value.map((element: unknown) => copyData(element)) as T;
  if (!isObject(value)) return value;
  const copy: Data = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyData(value[key]));
  return copy as T;
}
