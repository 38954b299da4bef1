import { describe, expect, it } from '@jest/globals';
import { datasetIds } from './datasetIds.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('datasetIds', () => {
  it("lets ids pass that begin with the agency's", () => expect(says(datasetIds, SAMPLE)).toEqual([]));

  it.each(['moi.low-income', 'mohw', 'mohwx.low-income', 'low-income'])('refuses "%s" in mohw', (id) => {
    expect(saysOfChange(datasetIds, '"mohw.low-income"', `"${id}"`)).toEqual([
      `LowIncome: dataset id "${id}" does not begin with its agency: "mohw.…".`,
    ]);
  });

  it.each(['mohw.LowIncome', 'mohw.', 'mohw.low income', 'mohw.low:income', 'mohw.2020'])('refuses the form of "%s"', (id) => {
    expect(saysOfChange(datasetIds, '"mohw.low-income"', `"${id}"`)).toEqual([
      `LowIncome: dataset id "${id}" is not lower case and dotted, like "mohw.low-income".`,
    ]);
  });

  it('refuses an id used twice', () => {
    expect(saysOfChange(datasetIds, '"mohw.visits"', '"mohw.low-income"')).toEqual([
      'Visits: dataset id "mohw.low-income" is already used by LowIncome.',
    ]);
  });

  it('refuses a unit of another agency', () => {
    expect(saysOfChange(datasetIds, '"mohw.sasw"', '"moi.dhra"')).toEqual([
      'LowIncome: unit "moi.dhra" is not of this agency: "mohw" or "mohw.…".',
    ]);
  });
});
