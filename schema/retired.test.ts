import { describe, expect, it } from '@jest/globals';
import { readRetired, retire, retiredLine, vanished } from './retired.ts';
import { SAMPLE } from './rules/sampleAgency.ts';
import { sampleComposed, sampleSources } from './rules/sampleComposed.ts';

const contractOf = (text: string) => sampleComposed(sampleSources({ mohw: text })).contract;
const before = contractOf(SAMPLE);

describe('retired leaves', () => {
  it('are read as they are written', () => {
    const lines = [...before.leaves.values()].map(retire).map(retiredLine);
    expect(readRetired(lines.join('\n')).map(retiredLine)).toEqual(lines);
    expect(lines[0]).toBe('LowIncome.category: LowIncomeCategory  mohw.low-income:category  身分類別 | Category');
  });

  it('are comments and blanks left out', () => expect(readRetired('# a\n\n  \n')).toEqual([]));
});

describe('what has vanished between two contracts', () => {
  it('is nothing when nothing changed, or something was added', () => {
    expect(vanished(before, before)).toEqual([]);
    expect(vanished(before, contractOf(SAMPLE.replace('date: Date', 'date: Date "院 | Hospital" hospital: String')))).toEqual([]);
  });

  it.each([
    ['a leaf that went', SAMPLE.replace('date: Date', 'day: Date')],
    ['a leaf of another type', SAMPLE.replace('date: Date', 'date: String')],
    ['a leaf under another scope', SAMPLE.replace('"mohw.visits"', '"mohw.encounters"')],
  ])('is %s', (_what, after) => expect(vanished(before, contractOf(after)).map(({ coordinate }) => coordinate)).toEqual(['Visit.date']));
});
