import type { Bilingual } from '../../schema/bilingual.ts';
import { html, type Html } from './html.ts';
import { day, timeOfDay } from './language.ts';
import { layout, type PageContext } from './layout.ts';

/** One synthetic person of the demonstration, as its pages list her. All of it is made up and public. */
export interface DevelopmentPersona {
  readonly id: string;
  readonly name: Bilingual;
  readonly story: Bilingual;
  readonly nationalId: string | null;
  readonly uiNumber: string | null;
  readonly nhiCardNumber: string | null;
  readonly householdNumber: string | null;
  readonly idCardIssueDate: string | null;
  readonly mobileNumber: string | null;
  /** Names of the identity methods she holds. */
  readonly methods: readonly Bilingual[];
  /** Where her software card can be downloaded; null: she has none. */
  readonly card: string | null;
}

/** One text message of the demonstration's gateway. `at` in ms since the epoch. */
export interface DevelopmentMessage {
  readonly number: string;
  readonly text: string;
  readonly at: number;
}

const TEXTS = {
  title: { 'zh-TW': '示範環境', en: 'The demonstration' },
  lead: {
    'zh-TW': '以下人物皆為虛構。登入時輸入他們的資料，就能走一遍整個流程。',
    en: 'These people are made up. Log in with what is listed here to walk the whole way.',
  },
  nationalId: { 'zh-TW': '身分證字號', en: 'National ID' },
  ui: { 'zh-TW': '統一證號', en: 'UI number' },
  nhi: { 'zh-TW': '健保卡號', en: 'NHI card number' },
  household: { 'zh-TW': '戶號', en: 'Household number' },
  issued: { 'zh-TW': '換補證日期', en: 'ID card issue date' },
  mobile: { 'zh-TW': '行動電話', en: 'Mobile number' },
  methods: { 'zh-TW': '持有的驗證方式', en: 'Holds' },
  card: { 'zh-TW': '下載憑證檔', en: 'Download the card file' },
  none: { 'zh-TW': '無', en: 'none' },
  messages: { 'zh-TW': '簡訊', en: 'Text messages' },
  messagesLead: {
    'zh-TW': '示範用簡訊閘道，最新的在前。重新整理以查看新簡訊。',
    en: 'The demonstration’s SMS gateway, newest first. Reload to see new ones.',
  },
  noMessages: { 'zh-TW': '還沒有簡訊。', en: 'No messages yet.' },
  cards: { 'zh-TW': '軟體憑證', en: 'Software cards' },
  cardsLead: {
    'zh-TW': '由示範用憑證機構簽發。登入頁會自動列出；也可下載後在終端機使用：npm run card -- sign。',
    en: 'Issued by the demonstration’s certification authority. The login page lists them; or download one and use it in a terminal: npm run card -- sign.',
  },
  people: { 'zh-TW': '人物', en: 'People' },
} as const satisfies Record<string, Bilingual>;

/** /dev: the synthetic people and what they hold. */
export function developmentPage(context: PageContext, personas: readonly DevelopmentPersona[]): Html {
  const { language } = context;
  const t = (key: keyof typeof TEXTS): string => TEXTS[key][language];
  const row = (term: string, text: string | null): Html =>
    html`<div>
      <dt>${term}</dt>
      <dd>${text === null ? t('none') : html`<code>${text}</code>`}</dd>
    </div>`;
  const person = (one: DevelopmentPersona): Html =>
    html`<li class="card">
      <h2>${one.name[language]}</h2>
      <p>${one.story[language]}</p>
      <dl class="facts compact">
        ${one.nationalId === null ? row(t('ui'), one.uiNumber) : row(t('nationalId'), one.nationalId)}${row(t('nhi'), one.nhiCardNumber)}${row(t('household'), one.householdNumber)}${row(t('issued'), one.idCardIssueDate)}${row(t('mobile'), one.mobileNumber)}
        <div>
          <dt>${t('methods')}</dt>
          <dd>${one.methods.map((name) => name[language]).join(language === 'en' ? ', ' : '、')}</dd>
        </div>
      </dl>
      ${one.card !== null && html`<p><a href="${one.card}" download>${t('card')}</a></p>`}
    </li>`;
  return layout(context, {
    title: t('title'),
    main: html`<h1>${t('title')}</h1>
      <p class="lead">${t('lead')}</p>
      <ul>
        <li><a href="/dev/sms">${t('messages')}</a></li>
        <li><a href="/dev/cards">${t('cards')}</a></li>
      </ul>
      <ul class="cards">
        ${personas.map(person)}
      </ul>`,
  });
}

/** /dev/sms: the messages sent. */
export function developmentMessagesPage(context: PageContext, messages: readonly DevelopmentMessage[]): Html {
  const { language } = context;
  const t = (key: keyof typeof TEXTS): string => TEXTS[key][language];
  return layout(context, {
    title: t('messages'),
    main: html`<h1>${t('messages')}</h1>
      <p class="lead">${t('messagesLead')}</p>
      ${
        messages.length === 0
          ? html`<p>${t('noMessages')}</p>`
          : html`<ul class="sms cards">
              ${messages.map(
                ({ number, text, at }) =>
                  html`<li class="card">
                    <p class="aside">
                      ${number} · <time datetime="${new Date(at).toISOString()}">${day(at, language)} ${timeOfDay(at)}</time>
                    </p>
                    <p>${text}</p>
                  </li>`,
              )}
            </ul>`
      }
      <p><a href="/dev">${t('people')}</a></p>`,
  });
}

/** /dev/cards: the software cards, to download. */
export function developmentCardsPage(context: PageContext, cards: readonly { readonly name: string; readonly href: string }[]): Html {
  const { language } = context;
  const t = (key: keyof typeof TEXTS): string => TEXTS[key][language];
  return layout(context, {
    title: t('cards'),
    main: html`<h1>${t('cards')}</h1>
      <p class="lead">${t('cardsLead')}</p>
      <ul>
        ${cards.map(({ name, href }) => html`<li><a href="${href}" download>${name}</a></li>`)}
      </ul>
      <p><a href="/dev">${t('people')}</a></p>`,
  });
}
