import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { difference, fieldSet, hasField, intersection, isEmpty, isWithin, union, type FieldSet } from './fieldSet.ts';

const someSet = fc
  .array(
    fc.tuple(fc.constantFrom('mohw.a', 'mohw.b', 'moi.c', '__proto__', 'constructor'), fc.array(fc.constantFrom('x', 'y', 'z', 'x.y'))),
  )
  .map((entries) => fieldSet(entries));

/** The set as `dataset:path` strings, by brute force. */
const flat = (set: FieldSet) =>
  new Set(
    Object.keys(set).flatMap((dataset) =>
      (Object.getOwnPropertyDescriptor(set, dataset)?.value as string[]).map((path) => `${dataset}:${path}`),
    ),
  );

describe('a set of fields', () => {
  it('has a normal form: sorted, nothing twice, nothing empty', () => {
    const set = fieldSet([
      ['moi.c', ['b', 'a']],
      ['mohw.a', []],
      ['moi.c', ['a', 'c']],
      ['mohw.b', ['x']],
    ]);
    expect(JSON.stringify(set)).toBe('{"mohw.b":["x"],"moi.c":["a","b","c"]}');
  });

  it('has own members only', () => {
    expect(hasField({}, '__proto__', 'x')).toBe(false);
    expect(hasField({}, 'constructor', 'name')).toBe(false);
    expect(isWithin({ 'mohw.a': ['x'] }, {})).toBe(false);
  });

  it('behaves as sets do', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        const [left, right] = [flat(a), flat(b)];
        expect(flat(union(a, b))).toEqual(new Set([...left, ...right]));
        expect(flat(intersection(a, b))).toEqual(new Set([...left].filter((field) => right.has(field))));
        expect(flat(difference(a, b))).toEqual(new Set([...left].filter((field) => !right.has(field))));
        expect(isWithin(a, b)).toBe([...left].every((field) => right.has(field)));
        expect(isEmpty(a)).toBe(left.size === 0);
      }),
    );
  });
});
