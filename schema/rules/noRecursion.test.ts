import { describe, expect, it } from '@jest/globals';
import { noRecursion } from './noRecursion.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('noRecursion', () => {
  it('lets types pass that do not contain themselves', () => expect(says(noRecursion, SAMPLE)).toEqual([]));

  it('refuses a type that contains itself', () => {
    expect(saysOfChange(noRecursion, 'date: Date', 'date: Date followUp: Visit')).toEqual([
      'Visit.followUp: Visit contains itself. Write out as many levels as the register has, each as a type.',
    ]);
  });

  it('refuses a circle of several types', () => {
    expect(saysOfChange(noRecursion, 'name: String', 'of: LowIncome name: String')).toEqual([
      'ListedMember.of: LowIncome contains itself. Write out as many levels as the register has, each as a type.',
    ]);
  });
});
