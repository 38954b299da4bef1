import { describe, expect, it } from '@jest/globals';
import { retiredNeverReturns } from './retiredNeverReturns.ts';
import { sampleComposed, sampleSources } from './sampleComposed.ts';

const says = (retired: string) =>
  [...retiredNeverReturns(sampleComposed(sampleSources(), undefined, retired))].map(({ what, message }) => `${what}: ${message}`);

describe('retiredNeverReturns', () => {
  it('lets a contract pass that brings nothing back', () => {
    expect(says('# nothing yet\n\nLowIncome.shoeSize: Int  mohw.low-income:shoeSize  鞋號 | Shoe size')).toEqual([]);
  });

  it('lets a leaf come back as it was', () => expect(says('Visit.date: Date  mohw.visits:date  日期 | Date')).toEqual([]));

  it.each([
    ['another type', 'Visit.date: String  mohw.visits:date  日期 | Date'],
    ['another meaning', 'Visit.date: Date  mohw.visits:date  出生日期 | Date of birth'],
    ['another scope', 'Visit.date: Date  mohw.encounters:date  日期 | Date'],
    ['another coordinate under its scope', 'OldVisit.date: Date  mohw.visits:date  日期 | Date'],
  ])('refuses a leaf that comes back with %s', (_what, line) => {
    expect(says(line)).toEqual([
      `Visit.date: it was "${line}" and would return as "Visit.date: Date  mohw.visits:date  日期 | Date". Choose another name.`,
    ]);
  });

  it('refuses a line of another form', () => {
    expect(says('Visit.date Date mohw.visits:date')).toEqual([
      'Visit.date Date mohw.visits:date: a line reads "Type.field: SDLType  dataset:path  中文 | English".',
    ]);
  });
});
