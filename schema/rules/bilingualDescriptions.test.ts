import { describe, expect, it } from '@jest/globals';
import { bilingualDescriptions } from './bilingualDescriptions.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('bilingualDescriptions', () => {
  it('lets fields pass that people can read in both languages', () => expect(says(bilingualDescriptions, SAMPLE)).toEqual([]));

  it.each([
    ['a leaf without description', '"病名 | Diagnosis"', '', 'LowIncome.diagnosis'],
    ['a leaf in English only', '病名 | Diagnosis', 'Diagnosis', 'LowIncome.diagnosis'],
    ['a leaf in Chinese only', '病名 | Diagnosis', '病名 | ', 'LowIncome.diagnosis'],
    ['a dataset without a name', '"低收入戶 | Low-income certificate"', '', 'DataSubject.lowIncome'],
    ['an object field without description', '"列冊人口 | Listed members"', '', 'LowIncome.listedMembers'],
    ['an enum value without description', '"低收入戶 | Low-income household"', '', 'LowIncomeCategory.LOW_INCOME'],
    ['an enum without description', '"身分類別 | Category"\nenum', 'enum', 'LowIncomeCategory'],
  ])('refuses %s', (_what, from, to, coordinate) => {
    expect(saysOfChange(bilingualDescriptions, from, to)).toEqual([
      expect.stringContaining(`${coordinate}: its description must read "中文 | English"`),
    ]);
  });
});
