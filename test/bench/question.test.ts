import { describe, expect, it } from '@jest/globals';
import { expectedData, selectionOf, textOf, type Question } from './question.ts';

const income = {
  dataset: 'mof.income.household',
  field: 'householdIncome',
  many: false,
  paths: ['taxYear', 'members.relation', 'members.income'],
};
const aid = { dataset: 'moe.student-aid', field: 'studentAid', many: true, paths: ['semester', 'status'], alias: 'aid' };
const question: Question = [income, aid];
const records = new Map([
  ['mof.income.household', [{ taxYear: 2018, totalIncome: 1, members: [{ relation: 'FATHER', income: 2, name: '測試者' }] }]],
  ['moe.student-aid', [{ semester: '107-2', status: 'PAID' }]],
]);

describe('the question of the bench', () => {
  it('is written as GraphQL, lists of records under `records`, aliases before their field', () => {
    expect(textOf(question)).toBe(`query Bench { me { ${selectionOf(question)} } }`);
    expect(selectionOf(question)).toBe(
      'householdIncome { taxYear members { relation income } } aid: studentAid { records { semester status } }',
    );
  });

  it('has its answer in the order in which it was asked', () => {
    expect(JSON.stringify(expectedData(question, records))).toBe(
      '{"me":{"householdIncome":{"taxYear":2018,"members":[{"relation":"FATHER","income":2}]},"aid":{"records":[{"semester":"107-2","status":"PAID"}]}}}',
    );
  });

  it('has null where a leaf is refused, and where nothing is left of an object or of a dataset', () => {
    const leaf = { 'mof.income.household': ['members.income', 'taxYear'], 'moe.student-aid': ['semester', 'status'] };
    expect(expectedData([income], records, leaf)).toEqual({
      me: { householdIncome: { taxYear: 2018, members: [{ relation: null, income: 2 }] } },
    });
    expect(expectedData(question, records, { 'mof.income.household': ['taxYear'] })).toEqual({
      me: { householdIncome: { taxYear: 2018, members: null }, aid: null },
    });
  });
});
