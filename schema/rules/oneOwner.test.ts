import { describe, expect, it } from '@jest/globals';
import { readAgency } from '../agency.ts';
import { oneOwner } from './oneOwner.ts';
import { sampleAgency, SAMPLE } from './sampleAgency.ts';
import { sampleComposed } from './sampleComposed.ts';

const composed = sampleComposed();
const says = (moi: string) => {
  const agencies = [sampleAgency(SAMPLE), readAgency('moi', [{ path: 'moi.graphql', text: moi }])];
  return [...oneOwner({ ...composed, agencies })].map(({ at, what, message }) => `${at} ${what}: ${message}`);
};

describe('oneOwner', () => {
  it('lets agencies pass that share nothing', () => expect(says('type A { b: Int }')).toEqual([]));

  it('refuses an object type that another agency defines', () => {
    expect(says('type ListedMember { secret: String }')).toEqual([
      'moi.graphql:1 ListedMember: mohw defines a type of this name. Choose another.',
    ]);
  });

  it('refuses a type of the hub', () => {
    expect(says('type Consent { forged: String }')).toEqual([
      'moi.graphql:1 Consent: the hub defines a type of this name. Choose another.',
    ]);
  });

  it('lets the same enum pass, word for word', () => {
    expect(says('"身分類別 | Category" enum LowIncomeCategory { "低收入戶 | Low-income household" LOW_INCOME }')).toEqual([]);
  });

  it('refuses an enum with other values or words', () => {
    expect(says('"身分類別 | Category" enum LowIncomeCategory { "低收入戶 | Low-income household" LOW_INCOME "非 | None" NONE }')).toEqual([
      'moi.graphql:1 LowIncomeCategory: mohw writes this enum differently. Write it word for word, or choose another name.',
    ]);
    expect(says('"身分類別 | Category" enum LowIncomeCategory { "低收 | Low" LOW_INCOME }')).toHaveLength(1);
    expect(says('type LowIncomeCategory { a: Int }')).toHaveLength(1);
  });
});
