import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationChoices, durationInWords, endOf, isDuration, isNoLonger } from './duration.ts';

const at = (text: string): number => Date.parse(text);

describe('durations', () => {
  it.each([
    ['P6M', '2019-12-20T09:30:00+08:00', '2020-06-20T09:30:00+08:00'],
    ['P1M', '2020-01-31T23:59:59+08:00', '2020-02-29T23:59:59+08:00'],
    ['P1M', '2019-01-31T00:00:00+08:00', '2019-02-28T00:00:00+08:00'],
    ['P1Y', '2020-02-29T12:00:00+08:00', '2021-02-28T12:00:00+08:00'],
    ['P7D', '2019-12-28T00:00:00+08:00', '2020-01-04T00:00:00+08:00'],
    ['P2W', '2019-12-20T00:00:00+08:00', '2020-01-03T00:00:00+08:00'],
    ['PT8H', '2019-12-31T20:00:00+08:00', '2020-01-01T04:00:00+08:00'],
    ['P1DT1.5H', '2019-12-31T20:00:00+08:00', '2020-01-01T21:30:00+08:00'],
    // Midnight in Taiwan is the afternoon before in UTC: the month is Taiwan's.
    ['P1M', '2020-03-01T00:30:00+08:00', '2020-04-01T00:30:00+08:00'],
  ])('%s from %s ends at %s', (duration, start, end) => {
    expect(endOf(duration, at(start))).toBe(at(end));
  });

  it.each(['', 'P', 'PT', 'P0D', '6M', 'xP6M', 'P6Mx', 'P-1D', 'P1.5D', `P${'9'.repeat(40)}D`, 'P1D; drop'])(
    'takes %j for no duration',
    (text) => {
      expect(isDuration(text)).toBe(false);
      expect(isNoLonger(text, 'P6M')).toBe(false);
      expect(isNoLonger('P1D', text)).toBe(false);
      expect(() => endOf(text, 0)).toThrow(RangeError);
    },
  );

  it('orders durations, whenever it is asked', () => {
    expect(isNoLonger('P6M', 'P6M')).toBe(true);
    expect(isNoLonger('P180D', 'P6M')).toBe(true);
    expect(isNoLonger('P183D', 'P6M')).toBe(false);
    expect(isNoLonger('P1Y', 'P6M')).toBe(false);
  });

  it('never ends before it begins, and a longer one never ends earlier', () => {
    const amount = fc.integer({ min: 1, max: 60 });
    const start = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') });
    fc.assert(
      fc.property(amount, amount, fc.constantFrom('M', 'D', 'W', 'Y'), start, (a, b, unit, from) => {
        const [short, long] = [`P${Math.min(a, b)}${unit}`, `P${Math.max(a, b)}${unit}`];
        expect(endOf(short, from)).toBeGreaterThan(from);
        expect(endOf(short, from)).toBeLessThanOrEqual(endOf(long, from));
      }),
    );
  });

  it('says them in words, and offers shorter ones', () => {
    expect(durationInWords('P1Y2M')).toEqual({ 'zh-TW': '1 年 2 個月', en: '1 year 2 months' });
    expect(durationInWords('?')).toEqual({ 'zh-TW': '?', en: '?' });
    expect(durationChoices('P6M')).toEqual(['P6M', 'P3M', 'P1M', 'P7D', 'P1D', 'PT1H']);
    expect(durationChoices('P1D')).toEqual(['P1D', 'PT1H']);
    expect(durationChoices('PT10M')).toEqual(['PT10M']);
  });
});
