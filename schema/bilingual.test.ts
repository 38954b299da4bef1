import { describe, expect, it } from '@jest/globals';
import { bilingual } from './bilingual.ts';

describe('a bilingual text', () => {
  it.each([
    ['姓名 | Name', { 'zh-TW': '姓名', en: 'Name' }],
    ['ISBN | ISBN', { 'zh-TW': 'ISBN', en: 'ISBN' }],
    ['  姓名  |  Name  ', { 'zh-TW': '姓名', en: 'Name' }],
    ['甲 | A | B', { 'zh-TW': '甲', en: 'A | B' }],
  ])('reads %j', (text, both) => expect(bilingual(text)).toEqual(both));

  it.each(['', 'Name', '姓名', '姓名|Name', ' | Name', '姓名 | ', null, undefined])('is not %j', (text) =>
    expect(bilingual(text)).toBeNull(),
  );
});
