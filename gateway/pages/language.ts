import type { Bilingual } from '../../schema/bilingual.ts';

export type Language = keyof Bilingual;

/** Cookie that remembers the language switch. */
export const LANGUAGE_COOKIE = 'lang';

/** Whether a text names one of our languages. */
export function isLanguage(text: unknown): text is Language {
  return text === 'zh-TW' || text === 'en';
}

/**
 * The language of a page: the switch (`?lang`), else the cookie, else the service's wish (`ui_locales`), else the first of Accept-Language
 * that we speak, else Chinese.
 */
export function chooseLanguage(wishes: {
  readonly query?: unknown;
  readonly cookie?: string | undefined;
  readonly uiLocales?: unknown;
  readonly acceptLanguage?: string | undefined;
}): Language {
  if (isLanguage(wishes.query)) return wishes.query;
  if (isLanguage(wishes.cookie)) return wishes.cookie;
  const tags = typeof wishes.uiLocales === 'string' ? wishes.uiLocales.split(' ') : accepted(wishes.acceptLanguage ?? '');
  for (const tag of tags) {
    if (/^zh\b/i.test(tag)) return 'zh-TW';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'zh-TW';
}

/** Accept-Language → its tags, the most wanted first (RFC 9110 §12.5.4). */
function accepted(header: string): readonly string[] {
  return header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((text) => text.trim());
      const q = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1);
      return { tag, q: Number.isFinite(q) ? q : 0 };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ tag }) => tag);
}

/** `term：text`, or `term: text` in English. */
export function labelled(term: string, text: string, language: Language): string {
  return language === 'en' ? `${term}: ${text}` : `${term}：${text}`;
}

/** A text in brackets, with the space that the language wants before it. */
export function inBrackets(text: string, language: Language): string {
  return language === 'en' ? ` (${text})` : `（${text}）`;
}

/** Names one after the other. */
export function listed(names: readonly string[], language: Language): string {
  return names.join(language === 'en' ? ', ' : '、');
}

const TAIWAN = 'Asia/Taipei';

/** A day in Taiwan, `2026年3月1日` or `1 March 2026`. `at` in ms since the epoch. */
export function day(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-TW', { dateStyle: 'long', timeZone: TAIWAN }).format(at);
}

/** A time of day in Taiwan, `09:30`. `at` in ms since the epoch. */
export function timeOfDay(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: TAIWAN }).format(at);
}
