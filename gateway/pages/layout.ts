import type { Bilingual } from '../../schema/bilingual.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import type { Language } from './language.ts';

/** What every page is given besides its own model. */
export interface PageContext {
  readonly language: Language;
  /** Path of this page, to which the language switch leads; null where the page cannot be fetched again. */
  readonly path: string | null;
  /** Whether this is the demonstration: pages say so. */
  readonly demonstration: boolean;
}

const TEXTS = {
  hub: { 'zh-TW': '個人化資料自主運用', en: 'Personal Data Hub' },
  skip: { 'zh-TW': '跳到主要內容', en: 'Skip to the main content' },
  languages: { 'zh-TW': '語言', en: 'Language' },
  demonstration: { 'zh-TW': '示範環境：人物與資料皆為虛構。', en: 'Demonstration: all people and data are made up.' },
  promise: {
    'zh-TW': '未經您同意，任何欄位都不會離開資料機關。',
    en: 'Without your consent no field leaves the agency that keeps it.',
  },
} as const satisfies Record<string, Bilingual>;

const NAMES: readonly (readonly [Language, string])[] = [
  ['zh-TW', '中文'],
  ['en', 'English'],
];

function languageSwitch({ language, path }: PageContext): HtmlValue {
  if (path === null) return null;
  const entry = ([tag, name]: readonly [Language, string]): Html =>
    tag === language
      ? html`<li><span aria-current="true" lang="${tag}">${name}</span></li>`
      : html`<li><a href="${path}?lang=${tag}" lang="${tag}" hreflang="${tag}">${name}</a></li>`;
  return html`<nav aria-label="${TEXTS.languages[language]}">
    <ul class="languages">
      ${NAMES.map(entry)}
    </ul>
  </nav>`;
}

/**
 * A whole page: one heading (in `main`), landmarks, no script unless `script` names a static file below /assets. `goOn`: where the browser goes
 * from here at once, without a script.
 */
export function layout(
  context: PageContext,
  page: { readonly title: string; readonly main: HtmlValue; readonly script?: string; readonly goOn?: string },
): Html {
  const { language, demonstration } = context;
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${page.goOn !== undefined && html`<meta http-equiv="refresh" content="0;url=${page.goOn}" />`}
        <title>${page.title} · ${TEXTS.hub[language]}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/hub.css" />
        ${page.script !== undefined && html`<script type="module" src="/assets/${page.script}"></script>`}
      </head>
      <body>
        <a class="skip" href="#main">${TEXTS.skip[language]}</a>
        <header class="top">
          ${demonstration && html`<p class="demonstration">${TEXTS.demonstration[language]}</p>`}
          <div class="inner">
            <a class="brand" href="/"
              ><span class="mark" aria-hidden="true"></span>MyData<span class="brand-name">${TEXTS.hub[language]}</span></a
            >${languageSwitch(context)}
          </div>
        </header>
        <main id="main" tabindex="-1"><div class="inner">${page.main}</div></main>
        <footer class="bottom">
          <div class="inner"><p>${TEXTS.promise[language]}</p></div>
        </footer>
      </body>
    </html> `;
}
