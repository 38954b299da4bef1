import { describe, expect, it } from '@jest/globals';
import { onePath } from './onePath.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('onePath', () => {
  it('lets types pass that are reached once', () => expect(says(onePath, SAMPLE)).toEqual([]));

  it('refuses a type that two datasets share', () => {
    expect(saysOfChange(onePath, 'date: Date', 'date: Date patient: ListedMember')).toEqual([
      'Visit.patient: ListedMember is already reached by lowIncome.listedMembers. Define a second type for this place.',
    ]);
  });

  it('refuses a type that one record has twice', () => {
    expect(saysOfChange(onePath, 'listedMembers: [ListedMember!]', 'listedMembers: [ListedMember!] head: ListedMember')).toHaveLength(1);
  });

  it('refuses one root type for two fields of DataSubject', () => {
    expect(says(onePath, `${SAMPLE}\nextend type DataSubject { again: LowIncome }`)).toEqual([
      expect.stringContaining('DataSubject.again: LowIncome is already reached by lowIncome.'),
    ]);
  });
});
