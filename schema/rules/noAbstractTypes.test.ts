import { describe, expect, it } from '@jest/globals';
import { noAbstractTypes } from './noAbstractTypes.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('noAbstractTypes', () => {
  it('lets object types pass', () => expect(says(noAbstractTypes, SAMPLE)).toEqual([]));

  it.each([
    ['interface A { b: Int }', 'A: an agency has no interfaces. Write object types.'],
    ['extend interface A { b: Int }', 'A: an agency has no interfaces. Write object types.'],
    ['union A = Visit', 'A: an agency has no unions. Write object types.'],
    ['extend union A = Visit', 'A: an agency has no unions. Write object types.'],
  ])('refuses %s', (sdl, message) => expect(says(noAbstractTypes, sdl)).toEqual([message]));

  it('refuses a type that implements an interface, in an extension too', () => {
    expect(saysOfChange(noAbstractTypes, 'type Visit {', 'type Visit implements Dated {')).toEqual([
      'Visit: it implements an interface, whose fields carry no marks. Take "implements" out.',
    ]);
    expect(says(noAbstractTypes, `${SAMPLE}\nextend type Visit implements Dated`)).toHaveLength(1);
  });
});
