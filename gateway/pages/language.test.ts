import { describe, expect, it } from '@jest/globals';
import { chooseLanguage, day, inBrackets, labelled, listed, timeOfDay } from './language.ts';

describe('the language of a page', () => {
  it.each([
    ['the switch before all', { query: 'en', cookie: 'zh-TW', acceptLanguage: 'zh-TW' }, 'en'],
    ['the cookie before the browser', { cookie: 'en', acceptLanguage: 'zh-TW' }, 'en'],
    ['the service’s wish before the browser', { uiLocales: 'en-GB zh', acceptLanguage: 'zh-TW' }, 'en'],
    ['the browser’s first that we speak', { acceptLanguage: 'fr-FR, en-US;q=0.8, zh-TW;q=0.9' }, 'zh-TW'],
    ['not what the browser refuses', { acceptLanguage: 'zh;q=0, en' }, 'en'],
    ['Chinese where nothing fits', { query: 'fr', cookie: '<x>', acceptLanguage: 'fr;q=a' }, 'zh-TW'],
    ['Chinese where nothing is said', {}, 'zh-TW'],
  ] as const)('takes %s', (_what, wishes, expected) => {
    expect(chooseLanguage(wishes)).toBe(expected);
  });
});

describe('words', () => {
  const at = Date.UTC(2026, 0, 15, 17, 5);
  it('are those of the language', () => {
    expect([labelled('甲', '乙', 'zh-TW'), labelled('a', 'b', 'en')]).toEqual(['甲：乙', 'a: b']);
    expect([inBrackets('甲', 'zh-TW'), inBrackets('a', 'en')]).toEqual(['（甲）', ' (a)']);
    expect([listed(['甲', '乙'], 'zh-TW'), listed(['a', 'b'], 'en')]).toEqual(['甲、乙', 'a, b']);
  });
  it('give times in Taiwan', () => {
    expect([day(at, 'en'), timeOfDay(at)]).toEqual(['16 January 2026', '01:05']);
  });
});
