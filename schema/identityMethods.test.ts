import { describe, expect, it } from '@jest/globals';
import { IDENTITY_METHODS, identityMethod, methodOfAcr } from './identityMethods.ts';

describe('identity methods', () => {
  it('are six, each with an acr that names it', () => {
    expect(IDENTITY_METHODS).toHaveLength(6);
    for (const { id, acr } of IDENTITY_METHODS) {
      expect(acr).toBe(`urn:mydata:acr:${id}`);
      expect(methodOfAcr(acr)?.id).toBe(id);
      expect(identityMethod(id)?.acr).toBe(acr);
    }
  });

  it('stand in the order of stepping up, each place once', () => {
    const orders = IDENTITY_METHODS.map(({ stepUpOrder }) => stepUpOrder).filter((order) => order !== null);
    expect(orders).toEqual([1, 2, 3, 4, 5]);
  });

  it('open special-category data by certificate or NHI card only', () => {
    expect(IDENTITY_METHODS.filter(({ opensSpecial }) => opensSpecial).map(({ id }) => id)).toEqual(['nhi-card', 'citizen-certificate']);
  });

  it('do not include what nobody knows', () => {
    expect(identityMethod('constructor')).toBeUndefined();
    expect(methodOfAcr('urn:mydata:acr:loa:high')).toBeUndefined();
  });
});
