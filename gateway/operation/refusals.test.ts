import { describe, expect, it } from '@jest/globals';
import type { Refusal } from '../domain/disclosure.ts';
import { assuranceChallenge, refuseAll, withBareObjects } from './refusals.ts';

const place = (dataset: string, fields: string[], bare = false) => ({ dataset, path: ['me', dataset], fields, bare });
const weak = (dataset: string, ...acrValues: string[]): Refusal => ({ dataset, fields: ['x'], reason: 'ASSURANCE_TOO_LOW', acrValues });

describe('refusals', () => {
  it('name a dataset of which only presence was asked, once, with no field', () => {
    const closure = { asked: {}, places: [place('a', [], true), place('b', ['x'], true), place('c', ['x'])], hubFields: false };
    const refused: Refusal = { dataset: 'b', fields: ['x'], reason: 'NOT_CONSENTED' };
    expect(withBareObjects([refused], closure)).toEqual([refused, { dataset: 'a', fields: [], reason: 'NOT_CONSENTED' }]);
    const withdrawn: Refusal = { dataset: 'a', fields: ['x'], reason: 'WITHDRAWN' };
    expect(withBareObjects([withdrawn], closure).map(({ dataset, reason }) => [dataset, reason])).toEqual([
      ['a', 'WITHDRAWN'],
      ['a', 'NOT_CONSENTED'],
      ['b', 'NOT_CONSENTED'],
    ]);
  });

  it('can be everything that was asked', () => {
    expect(refuseAll({ a: ['x', 'y'], b: ['z'] }, 'USED_UP')).toEqual([
      { dataset: 'a', fields: ['x', 'y'], reason: 'USED_UP' },
      { dataset: 'b', fields: ['z'], reason: 'USED_UP' },
    ]);
  });

  it('challenge only when a stronger proof opens all of them, by the values that do', () => {
    expect(assuranceChallenge([])).toBeNull();
    expect(assuranceChallenge([weak('a', 'm1', 'm2'), weak('b', 'm2', 'm3')])).toContain('acr_values="m2"');
    expect(assuranceChallenge([weak('a', 'm1'), weak('b', 'm3')])).toContain('acr_values="m1"');
    expect(assuranceChallenge([weak('a', 'm1'), { dataset: 'b', fields: ['x'], reason: 'EXPIRED' }])).toBeNull();
  });
});
