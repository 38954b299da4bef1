import { describe, expect, it } from '@jest/globals';
import { MIXED_DOCUMENTS, permittedBy } from './mix.ts';
import { MIXED, WARM } from './people.ts';
import { fieldsOf, QUESTION, textOf } from './question.ts';

const numbers = Array.from({ length: MIXED.count }, (_, index) => MIXED.from + index);

describe('the mixed load', () => {
  it('asks more than fifty different documents', () => {
    expect(new Set(MIXED_DOCUMENTS.map(textOf)).size).toBeGreaterThan(50);
  });

  it('asks citizens with at least eight different permitted sets, none of them whole', () => {
    const sets = new Set(numbers.map((number) => JSON.stringify(permittedBy(number))));
    expect(sets.size).toBeGreaterThanOrEqual(8);
    expect(sets.has(JSON.stringify(fieldsOf(QUESTION)))).toBe(false);
  });

  it('leaves the others their whole consent', () => {
    expect(permittedBy(WARM.from)).toEqual(fieldsOf(QUESTION));
  });
});
