import { describe, expect, it } from '@jest/globals';
import { personalOnLeaves } from './personalOnLeaves.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('personalOnLeaves', () => {
  it('lets marked leaves pass', () => expect(says(personalOnLeaves, SAMPLE)).toEqual([]));

  it('refuses a marked object', () => {
    expect(saysOfChange(personalOnLeaves, '[ListedMember!]', '[ListedMember!] @personal(thirdParty: true)')).toEqual([
      'LowIncome.listedMembers: @personal marks leaves. Mark the leaves of ListedMember that it is true of.',
    ]);
  });

  it.each(['@personal', '@personal(special: false)'])('refuses %s, which says nothing', (mark) => {
    expect(saysOfChange(personalOnLeaves, '@personal(special: true)', mark)).toEqual([
      'LowIncome.diagnosis: @personal says nothing here: give special: true or thirdParty: true, or take it out.',
    ]);
  });
});
