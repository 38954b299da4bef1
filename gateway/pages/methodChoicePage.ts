import type { Bilingual } from '../../schema/bilingual.ts';
import type { Assurance } from '../../schema/identityMethods.ts';
import { notice, postForm, type FormTarget } from './form.ts';
import { html, type Html } from './html.ts';
import { labelled, listed } from './language.ts';
import { layout, type PageContext } from './layout.ts';

/** One way to prove identity, on offer. */
export interface MethodOption {
  readonly id: string;
  readonly label: Bilingual;
  /** What one needs for it. */
  readonly presents: Bilingual;
  readonly assurance: Assurance;
  /** With which method it must first be bound; null: with none. */
  readonly enrolledWith: Bilingual | null;
  /** Datasets that were asked for and that it does not open. */
  readonly leavesClosed: readonly Bilingual[];
}

export interface MethodChoice {
  readonly form: FormTarget;
  /** Who asks; null in the hub's own client. */
  readonly asker: Bilingual | null;
  readonly options: readonly MethodOption[];
  /** Whether she came from the consent screen, and may go back to it as she is. */
  readonly canReturn: boolean;
  /** What came of the last try. */
  readonly notice: string | null;
}

export const ASSURANCE_NAMES: Readonly<Record<Assurance, Bilingual>> = {
  LOW: { 'zh-TW': '一般', en: 'Basic' },
  SUBSTANTIAL: { 'zh-TW': '較高', en: 'Substantial' },
  HIGH: { 'zh-TW': '最高', en: 'High' },
};

const TEXTS = {
  title: { 'zh-TW': '請證明您的身分', en: 'Prove who you are' },
  lead: { 'zh-TW': '選擇一種方式。只列出對這次申請有用的方式。', en: 'Choose a way. Only those that help with this request are listed.' },
  own: { 'zh-TW': '選擇一種方式，查看您的同意與取用紀錄。', en: 'Choose a way, to see your consents and who saw your data.' },
  need: { 'zh-TW': '需要', en: 'You need' },
  strength: { 'zh-TW': '強度', en: 'Strength' },
  bind: { 'zh-TW': '首次使用前，須先以此綁定', en: 'Before its first use, bind it with' },
  closed: { 'zh-TW': '無法開啟', en: 'Does not open' },
  all: { 'zh-TW': '可開啟所請求的全部資料集', en: 'Opens every dataset that is asked for' },
  choose: { 'zh-TW': '使用此方式', en: 'Use this' },
  none: {
    'zh-TW': '目前沒有可用的方式能開啟所請求的資料。您可以取消並回到原服務。',
    en: 'No way that can be used today opens what is asked for. You can cancel and go back to the service.',
  },
  back: { 'zh-TW': '回到同意畫面，維持目前的驗證', en: 'Back to the consent screen, with the present proof' },
  cancel: { 'zh-TW': '取消，回到原服務', en: 'Cancel and go back to the service' },
} as const satisfies Record<string, Bilingual>;

/** The page on which a citizen chooses how to prove her identity. */
export function methodChoicePage(context: PageContext, model: MethodChoice): Html {
  const { language } = context;
  const t = (key: keyof typeof TEXTS): string => TEXTS[key][language];
  const line = (key: keyof typeof TEXTS, text: string): string => labelled(t(key), text, language);
  const option = (one: MethodOption): Html =>
    html`<li class="card">
      <h2 id="m-${one.id}">${one.label[language]}</h2>
      <p class="strength strength-${one.assurance.toLowerCase()}">
        <span class="meter" aria-hidden="true"></span>${line('strength', ASSURANCE_NAMES[one.assurance][language])}
      </p>
      <p>${line('need', one.presents[language])}</p>
      ${one.enrolledWith !== null && html`<p class="aside">${line('bind', one.enrolledWith[language])}</p>`}
      ${
        model.asker !== null &&
        (one.leavesClosed.length === 0
          ? html`<p class="aside">${t('all')}</p>`
          : html`<p class="aside">
              ${line(
                'closed',
                listed(
                  one.leavesClosed.map((name) => name[language]),
                  language,
                ),
              )}
            </p>`)
      }
      ${postForm(
        model.form,
        'method',
        html`<input type="hidden" name="method" value="${one.id}" /><button type="submit" class="primary" aria-describedby="m-${one.id}">
            ${t('choose')}
          </button>`,
      )}
    </li>`;
  return layout(context, {
    title: t('title'),
    main: html`<h1>${t('title')}</h1>
      ${model.asker !== null && html`<p class="asker">${model.asker[language]}</p>`}
      <p class="lead">${model.asker === null ? t('own') : t('lead')}</p>
      ${notice(model.notice)}
      ${
        model.options.length === 0
          ? html`<p class="notice">${t('none')}</p>`
          : html`<ul class="cards">
              ${model.options.map(option)}
            </ul>`
      }
      ${model.canReturn && postForm(model.form, 'back', html`<button type="submit" class="quiet">${t('back')}</button>`)}
      ${postForm(model.form, 'decline', html`<button type="submit" class="quiet">${t('cancel')}</button>`)}`,
  });
}
