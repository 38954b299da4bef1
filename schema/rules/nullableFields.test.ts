import { describe, expect, it } from '@jest/globals';
import { nullableFields } from './nullableFields.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('nullableFields', () => {
  it('lets nullable fields pass, with non-null items', () => expect(says(nullableFields, SAMPLE)).toEqual([]));

  it.each([
    ['category: LowIncomeCategory', 'LowIncome.category'],
    ['listedMembers: [ListedMember!]', 'LowIncome.listedMembers'],
    ['lowIncome: LowIncome', 'DataSubject.lowIncome'],
    ['[Visit]', 'Visits.records'],
  ])('refuses %s!', (field, coordinate) => {
    expect(saysOfChange(nullableFields, field, `${field}!`)).toEqual([
      expect.stringContaining(`${coordinate}: take the outer "!" away: a refusal is written as null.`),
    ]);
  });
});
