import { describe, expect, it } from '@jest/globals';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';
import { specialMethods } from './specialMethods.ts';

describe('specialMethods', () => {
  it('lets special data pass that a certificate or NHI card opens', () => expect(says(specialMethods, SAMPLE)).toEqual([]));

  it('refuses a special dataset that accepts a weaker method', () => {
    expect(saysOfChange(specialMethods, '["nhi-card"]', '["nhi-card", "multi-factor"]')).toEqual([
      'Visits: a special dataset does not accept multi-factor.',
    ]);
  });

  it('refuses a special leaf that no method of its dataset opens', () => {
    expect(saysOfChange(specialMethods, '["citizen-certificate", "otp-sms"]', '["otp-sms"]')).toEqual([
      'LowIncome.diagnosis: it is special, and LowIncome accepts no method that opens it.',
    ]);
  });
});
