import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readContract } from '../../schema/contract.ts';
import { IDENTITY_METHODS } from '../../schema/identityMethods.ts';
import { helpfulMethods, requestedAcrs } from './requestedMethods.ts';

const contract = readContract(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'));
const methods = IDENTITY_METHODS.filter(({ id }) => ['multi-factor', 'otp-sms', 'citizen-certificate'].includes(id));
const CERTIFICATE = 'urn:mydata:acr:citizen-certificate';
const asks = (datasets: Readonly<Record<string, readonly string[]>>): string =>
  JSON.stringify([{ type: 'urn:mydata:consent', service: 's', datasets }]);
const ids = (params: Parameters<typeof helpfulMethods>[0]): readonly string[] =>
  helpfulMethods(params, methods, contract).map(({ id }) => id);

describe('the methods that a request insists on', () => {
  it.each([
    ['none', {}, null],
    ['an empty list', { acr_values: '  ' }, null],
    ['acr_values', { acr_values: `${CERTIFICATE}  urn:x` }, [CERTIFICATE, 'urn:x']],
    ['one claimed value', { claims: JSON.stringify({ id_token: { acr: { value: CERTIFICATE } } }) }, [CERTIFICATE]],
    [
      'claimed values, essential or not',
      { claims: JSON.stringify({ id_token: { acr: { values: [CERTIFICATE, 'urn:x'] } } }) },
      [CERTIFICATE, 'urn:x'],
    ],
    ['a claim without values', { claims: '{"id_token":{"acr":null}}' }, null],
    ['values that are no list', { claims: '{"id_token":{"acr":{"values":7}}}' }, []],
    ['a value that is no text', { claims: '{"id_token":{"acr":{"value":7}}}' }, []],
  ] as const)('are read from %s', (_what, params, expected) => {
    expect(requestedAcrs(params)).toEqual(expected);
  });
});

describe('the methods that help', () => {
  it('are all in the hub’s own client', () => {
    expect(ids({})).toEqual(['multi-factor', 'otp-sms', 'citizen-certificate']);
  });
  it('open at least one field of what is asked', () => {
    expect(ids({ authorization_details: asks({ 'moi.household.personal': ['name'] }) })).not.toContain('multi-factor');
    expect(ids({ authorization_details: asks({ 'moi.household.personal': ['name'], 'mohw.low-income': ['category'] }) })).toContain(
      'multi-factor',
    );
  });
  it('are none where the two do not meet', () => {
    expect(ids({ acr_values: 'urn:mydata:acr:multi-factor', authorization_details: asks({ 'moi.household.personal': ['name'] }) })).toEqual(
      [],
    );
  });
});
