import { describe, expect, it } from '@jest/globals';
import { declaredArguments } from './declaredArguments.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('declaredArguments', () => {
  it('lets declared keys pass', () => expect(says(declaredArguments, SAMPLE)).toEqual([]));

  it('refuses a key that is not declared', () => {
    expect(saysOfChange(declaredArguments, ', keys: ["cardNumber"]', '')).toEqual([
      'DataSubject.visits(cardNumber:): declare it in @dataset(keys:), or take it out.',
    ]);
  });

  it('refuses a declared key that is no argument', () => {
    expect(saysOfChange(declaredArguments, 'visits(cardNumber: String)', 'visits')).toEqual([
      'DataSubject.visits(cardNumber:): it is declared in @dataset(keys:) and is no argument here.',
    ]);
  });

  it('refuses an argument below a dataset', () => {
    expect(saysOfChange(declaredArguments, 'diagnosis: String', 'diagnosis(language: String): String')).toEqual([
      'LowIncome.diagnosis(language:): a field below a dataset has no arguments.',
    ]);
  });

  it('refuses a key that is no text', () => {
    expect(saysOfChange(declaredArguments, 'cardNumber: String', 'cardNumber: [String]')).toEqual([
      "DataSubject.visits(cardNumber:): a key's type is one of String, String!, ID, ID!.",
    ]);
  });
});
