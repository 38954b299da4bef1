import type { Bilingual } from '../../schema/bilingual.ts';
import { html, type Html } from './html.ts';
import { layout, type PageContext } from './layout.ts';

/** One place to look at. */
export interface HomeLink {
  readonly href: string;
  readonly name: Bilingual;
  readonly text: Bilingual;
}

const TEXTS = {
  title: { 'zh-TW': '您的資料，由您決定給誰', en: 'Your data, and who gets it' },
  lead: {
    'zh-TW':
      '政府機關保有您的資料。當一項服務需要它時，您在這裡證明身分，看清楚誰、為什麼、要哪些欄位、多久，然後同意或拒絕。同意可以隨時撤回，每一次取用都有紀錄。',
    en: 'Agencies keep your data. When a service needs some of it, you prove here who you are, see who asks, why, for which fields and for how long, and then agree or decline. You can withdraw at any time, and every use is on record.',
  },
} as const satisfies Record<string, Bilingual>;

/** The page at `/`: what this is, and where to look. */
export function homePage(context: PageContext, links: readonly HomeLink[]): Html {
  const { language } = context;
  return layout(context, {
    title: TEXTS.title[language],
    main: html`<h1>${TEXTS.title[language]}</h1>
      <p class="lead">${TEXTS.lead[language]}</p>
      <ul class="cards">
        ${links.map(
          ({ href, name, text }) =>
            html`<li class="card">
              <h2><a href="${href}">${name[language]}</a></h2>
              <p>${text[language]}</p>
            </li>`,
        )}
      </ul>`,
  });
}
