import { describe, expect, it } from '@jest/globals';
import { knownMethods } from './knownMethods.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

const METHODS = '["citizen-certificate", "otp-sms"]';

describe('knownMethods', () => {
  it('lets known methods pass', () => expect(says(knownMethods, SAMPLE)).toEqual([]));

  it('refuses one that nobody knows, and names those known', () => {
    expect(saysOfChange(knownMethods, METHODS, '["citizen-certficate"]')).toEqual([
      'LowIncome: "citizen-certficate" is no identity method. Known: multi-factor, third-party-verification, nhi-card, otp-sms, citizen-certificate, business-certificate.',
    ]);
  });

  it('refuses a dataset that nobody could open', () => {
    expect(saysOfChange(knownMethods, METHODS, '[]')).toEqual(['LowIncome: methods is empty: nobody could open this dataset.']);
    expect(saysOfChange(knownMethods, `methods: ${METHODS}`, '')).toHaveLength(1);
  });

  it('refuses one that is named twice', () => {
    expect(saysOfChange(knownMethods, METHODS, '["otp-sms", "otp-sms"]')).toEqual(['LowIncome: methods names one twice.']);
  });
});
