import type { Bilingual } from '../../schema/bilingual.ts';
import type { Service, Statement } from './consent.ts';
import { durationInWords } from './duration.ts';
import { SELF } from './registration.ts';

/** One thing that the law wants said before data is collected. */
export interface Notice {
  /** Which subparagraph of PDPA art. 8(1). */
  readonly article: string;
  readonly title: Bilingual;
  readonly text: Bilingual;
}

/** Headings of the acts of agreement. */
export const ACT_WORDS: Readonly<Record<Statement['kind'], { readonly heading: Bilingual; readonly explanation: Bilingual | null }>> = {
  ORDINARY: { heading: { 'zh-TW': '要提供的資料', en: 'Data to be provided' }, explanation: null },
  SPECIAL: {
    heading: { 'zh-TW': '特種個人資料（另行同意）', en: 'Special-category data (a consent of its own)' },
    explanation: {
      'zh-TW': '這些欄位屬個資法第6條的特種個資。只有您在此另外明確同意，才會提供；不同意不影響其他欄位。',
      en: 'These fields are special-category data under PDPA art. 6. They are provided only if you agree here, separately and expressly; not agreeing leaves the other fields as they are.',
    },
  },
  THIRD_PARTY: {
    heading: { 'zh-TW': '涉及他人的資料（另行同意）', en: 'Data about other people (a consent of its own)' },
    explanation: {
      'zh-TW': '這些欄位也說明了其他人的情況。請確認您有正當理由提供；不同意不影響其他欄位。',
      en: 'These fields also tell about other people. Make sure you have good reason to pass them on; not agreeing leaves the other fields as they are.',
    },
  },
};

/** What refusing means (PDPA art. 8(1)(6)). */
export function refusingMeans({ provider, name }: Pick<Service, 'provider' | 'name'>): Bilingual {
  if (provider === SELF)
    return { 'zh-TW': '不同意就不會產生檔案，沒有其他影響。', en: 'If you refuse, no file is made. Nothing else happens.' };
  return {
    'zh-TW': `不同意不會有任何不利處分，也不會提供任何資料；您仍可改以紙本文件向承辦單位申辦「${name['zh-TW']}」。未勾選的選填欄位不影響其他欄位。`,
    en: `Refusing has no adverse effect, and no data is provided. You can still apply for “${name.en}” with paper documents. Leaving out an optional field does not affect the others.`,
  };
}

/** What PDPA art. 8(1) wants said, in its order. */
export function noticesOf(service: Service, duration: string): readonly Notice[] {
  const words = durationInWords(duration);
  const times: Bilingual =
    service.mode === 'ONE_TIME'
      ? { 'zh-TW': `一次，於同意後 ${words['zh-TW']} 內`, en: `once, within ${words.en} of your consent` }
      : {
          'zh-TW': `自同意起 ${words['zh-TW']}，期間內可再次查詢，您可隨時撤回`,
          en: `for ${words.en} from your consent, again and again, until you withdraw`,
        };
  return [
    { article: '8(1)(1)', title: { 'zh-TW': '蒐集機關', en: 'Who collects' }, text: service.providerName },
    { article: '8(1)(2)', title: { 'zh-TW': '蒐集目的', en: 'Why' }, text: service.purpose.text },
    {
      article: '8(1)(3)',
      title: { 'zh-TW': '資料類別', en: 'What' },
      text: { 'zh-TW': '僅限本頁逐項列出且您勾選的欄位。', en: 'Only the fields that are listed on this page and that you tick.' },
    },
    {
      article: '8(1)(4)',
      title: { 'zh-TW': '期間、地區、對象及方式', en: 'Period, area, recipients and manner' },
      text: {
        'zh-TW': `期間：${times['zh-TW']}。地區：中華民國境內。對象：${service.providerName['zh-TW']}。方式：由資料提供機關經本平臺加密傳送。`,
        en: `Period: ${times.en}. Area: Taiwan. Recipient: ${service.providerName.en}. Manner: sent encrypted by the agencies through this hub.`,
      },
    },
    {
      article: '8(1)(5)',
      title: { 'zh-TW': '您的權利', en: 'Your rights' },
      text: {
        'zh-TW':
          '您可依個資法第3條向蒐集機關查詢、閱覽、請求複製本、補充或更正、停止蒐集處理利用或刪除；也可隨時在本平臺「我的授權」撤回或縮小這項同意，並查看誰看過您的資料。',
        en: 'Under PDPA art. 3 you may ask the collector to see, copy, correct, stop using or delete your data. In “My consents” on this hub you can withdraw or narrow this consent at any time, and see who saw what.',
      },
    },
    { article: '8(1)(6)', title: { 'zh-TW': '不同意的影響', en: 'If you refuse' }, text: refusingMeans(service) },
  ];
}
