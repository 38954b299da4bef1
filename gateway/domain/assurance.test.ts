import { describe, expect, it } from '@jest/globals';
import { acrValuesOf, commonMethods, proofGroups, stepUp } from './assurance.ts';

const SEED = ['citizen-certificate', 'otp-sms', 'nhi-card', 'multi-factor'];

describe('assurance', () => {
  it('names the usable methods weakest first: a planned one cannot be asked for, an unknown one is left out', () => {
    expect(acrValuesOf(['citizen-certificate', 'third-party-verification', 'multi-factor', 'no-such', 'business-certificate'])).toEqual([
      'urn:mydata:acr:multi-factor',
      'urn:mydata:acr:citizen-certificate',
      'urn:mydata:acr:business-certificate',
    ]);
  });

  it('takes the present method if the list has it, whatever its strength (accept-list)', () => {
    expect(stepUp(SEED, [], 'multi-factor')).toEqual({ kind: 'ENOUGH' });
    expect(stepUp(['multi-factor'], ['citizen-certificate', 'multi-factor'], 'citizen-certificate')).toEqual({
      kind: 'STEP_UP',
      method: 'multi-factor',
    });
  });

  it('asks for the lowest accepted method that she holds (step-up)', () => {
    expect(stepUp(['citizen-certificate', 'otp-sms'], ['multi-factor', 'otp-sms', 'citizen-certificate'], 'multi-factor')).toEqual({
      kind: 'STEP_UP',
      method: 'otp-sms',
    });
    expect(stepUp(['citizen-certificate', 'otp-sms'], ['multi-factor', 'citizen-certificate'], 'multi-factor')).toEqual({
      kind: 'STEP_UP',
      method: 'citizen-certificate',
    });
    expect(stepUp(['citizen-certificate'], ['multi-factor'], 'multi-factor')).toEqual({ kind: 'IMPOSSIBLE' });
    expect(stepUp(['business-certificate'], ['business-certificate'], null)).toEqual({ kind: 'IMPOSSIBLE' });
  });

  it('proves several datasets at once with a method they share, else once per group (several-datasets)', () => {
    expect(commonMethods([SEED, ['otp-sms', 'citizen-certificate']])).toEqual(['citizen-certificate', 'otp-sms']);
    expect(commonMethods([])).toEqual([]);
    expect(
      proofGroups([
        ['a', SEED],
        ['b', ['citizen-certificate']],
        ['c', ['nhi-card']],
        ['d', ['third-party-verification']],
      ]),
    ).toEqual([
      { datasets: ['a', 'b'], methods: ['citizen-certificate'] },
      { datasets: ['c'], methods: ['nhi-card'] },
    ]);
  });
});
