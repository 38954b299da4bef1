import { describe, expect, it } from '@jest/globals';
import { everyTypeInDataset } from './everyTypeInDataset.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('everyTypeInDataset', () => {
  it('lets an agency pass whose every type is in a dataset', () => expect(says(everyTypeInDataset, SAMPLE)).toEqual([]));

  it('refuses a root type that is not marked', () => {
    expect(says(everyTypeInDataset, SAMPLE.replace(/@dataset\(id: "mohw.low[^)]*\)/, ''))).toEqual([
      'DataSubject.lowIncome: LowIncome has no @dataset. Mark it, or nobody could consent to it.',
    ]);
  });

  it('refuses a leaf straight on DataSubject, and a type the agency does not define', () => {
    expect(says(everyTypeInDataset, 'extend type DataSubject { name: String }')).toEqual([
      'DataSubject.name: it returns no object type of this agency. A field of DataSubject is a dataset.',
    ]);
    expect(says(everyTypeInDataset, 'extend type DataSubject { household: HouseholdPersonal }')).toHaveLength(1);
  });

  it('refuses a list as root', () => {
    expect(saysOfChange(everyTypeInDataset, 'lowIncome: LowIncome', 'lowIncome: [LowIncome]')).toEqual([
      "DataSubject.lowIncome: a dataset's root is one nullable object. Write LowIncome; many records go below records(first, after).",
    ]);
  });

  it('refuses a type that nothing leads to', () => {
    expect(says(everyTypeInDataset, `${SAMPLE}type Stray { a: Int }`)).toEqual([
      'Stray: no field leads to it from DataSubject. Use it or take it out.',
    ]);
  });

  it('refuses a dataset within a dataset', () => {
    expect(saysOfChange(everyTypeInDataset, 'type Visit {', 'type Visit @dataset(id: "mohw.visit") {')).toEqual([
      'Visit: @dataset stands on the type of a DataSubject field only: a dataset has no datasets within.',
    ]);
  });
});
