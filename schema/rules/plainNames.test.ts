import { describe, expect, it } from '@jest/globals';
import { plainNames } from './plainNames.ts';
import { SAMPLE, says } from './sampleAgency.ts';

describe('plainNames', () => {
  it('lets plain names pass', () => expect(says(plainNames, SAMPLE)).toEqual([]));

  it.each([
    'type A { __proto__: Int }',
    'type A { constructor: Int }',
    'type _Entity { a: Int }',
    'type join__Graph { a: Int }',
    'type A { toString: Int }',
    'enum A { __proto__ }',
  ])('refuses %s', (sdl) => expect(says(plainNames, sdl)).toEqual([expect.stringContaining('choose a plain name.')]));
});
