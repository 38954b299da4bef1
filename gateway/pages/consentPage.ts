import type { Bilingual } from '../../schema/bilingual.ts';
import type { ScreenAct, ScreenDataset, ScreenField, ScreenMethod, ScreenModel } from '../domain/screenModel.ts';
import { ACT, blockedDatasets, DURATION, FIELD, LANGUAGE, needsConfirmation, SCREEN, scopeOf, type Ticks } from './consentAnswer.ts';
import { notice, postForm, type FormTarget } from './form.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import { inBrackets, labelled, listed, timeOfDay, type Language } from './language.ts';
import { layout, type PageContext } from './layout.ts';

export interface ConsentPageModel {
  readonly form: FormTarget;
  /** Name of the relying party, the requester's system. */
  readonly client: string;
  readonly screen: ScreenModel;
  /** By which the answer names what was shown. */
  readonly hash: string;
  /** The proof that this page rests on; `at` in ms since the epoch. */
  readonly proof: { readonly method: Bilingual; readonly at: number };
  /** What was ticked before the form came back; null at first. */
  readonly ticks: Ticks | null;
  readonly notice: string | null;
}

const TEXTS = {
  asks: { 'zh-TW': '請求取得您的資料', en: 'asks for your data' },
  self: { 'zh-TW': '取得您自己的資料', en: 'Get your own data' },
  who: { 'zh-TW': '誰要取得', en: 'Who asks' },
  service: { 'zh-TW': '用於哪項服務', en: 'For which service' },
  why: { 'zh-TW': '為什麼', en: 'Why' },
  basis: { 'zh-TW': '法律依據', en: 'Legal basis' },
  uses: { 'zh-TW': '取用次數', en: 'How often' },
  once: { 'zh-TW': '一次', en: 'Once' },
  cap: { 'zh-TW': '最多 # 次', en: 'At most # times' },
  again: { 'zh-TW': '期間內可再次取用', en: 'Again and again in the period' },
  long: { 'zh-TW': '同意多久', en: 'For how long' },
  refusing: { 'zh-TW': '若您拒絕', en: 'If you refuse' },
  required: { 'zh-TW': '必要', en: 'Required' },
  conditional: { 'zh-TW': '視情況', en: 'In some cases' },
  optional: { 'zh-TW': '選填', en: 'Optional' },
  held: { 'zh-TW': '保有依據', en: 'Held under' },
  stronger: { 'zh-TW': '須以下列方式驗證身分才能開啟', en: 'Needs a stronger proof of identity' },
  through: { 'zh-TW': '經由系統', en: 'Through its system' },
  fixed: { 'zh-TW': '此服務必須', en: 'the service needs it' },
  proved: { 'zh-TW': '您已於 # 以「@」證明身分。', en: 'You proved your identity at # with: @.' },
  another: { 'zh-TW': '改用其他身分或方式', en: 'Use another identity or way' },
  closed: { 'zh-TW': '部分欄位尚未開啟', en: 'Some fields are still closed' },
  closedText: {
    'zh-TW': '您可以再以下列方式之一驗證，就能勾選這些欄位；不驗證也可以繼續，其他欄位不受影響。',
    en: 'Prove your identity in one of these ways to be able to tick them. You can go on without; the other fields are not affected.',
  },
  blocked: { 'zh-TW': '必要的資料尚未開啟', en: 'Data that the service needs is still closed' },
  blockedText: {
    'zh-TW': '此服務必要的資料，您目前的驗證方式無法開啟。請改以下列方式之一驗證，或拒絕並回到原服務。',
    en: 'Your present proof of identity does not open what the service needs. Prove it in one of these ways, or decline and go back to the service.',
  },
  stepUp: { 'zh-TW': '以其他方式驗證', en: 'Prove identity another way' },
  confirmSpecial: {
    'zh-TW': '我明確同意提供以上勾選的特種個人資料。',
    en: 'I expressly agree to provide the special-category data ticked above.',
  },
  confirmThird: {
    'zh-TW': '我有正當理由提供以上涉及他人的資料。',
    en: 'I have good reason to provide the data about others ticked above.',
  },
  agree: { 'zh-TW': '同意', en: 'Agree' },
  decline: { 'zh-TW': '拒絕', en: 'Decline' },
  rights: { 'zh-TW': '個資法第 8 條告知事項', en: 'What the law wants you to be told (PDPA art. 8)' },
} as const satisfies Record<string, Bilingual>;

type Words = (key: keyof typeof TEXTS) => string;

const NECESSITY = { REQUIRED: 'required', CONDITIONAL: 'conditional', OPTIONAL: 'optional' } as const;

const names = (methods: readonly ScreenMethod[], language: Language): string =>
  listed(
    methods.map(({ name }) => name[language]),
    language,
  );

/** What names an element of the page; dataset ids and paths hold dots. */
const idOf = (scope: string): string => `x-${scope.replace(/[^A-Za-z0-9-]/g, '_')}`;

/** `why`: id of the sentence that says why the whole dataset is closed; null: the field says it itself. */
function fieldRow(dataset: string, field: ScreenField, ticked: boolean, why: string | null, language: Language, t: Words): Html {
  const scope = scopeOf(dataset, field);
  const id = idOf(scope);
  const closed = !field.openable;
  return html`<li class="${closed ? 'tick closed' : 'tick'}">
    <input
      type="checkbox"
      id="${id}"
      name="${FIELD}"
      value="${scope}"
      ${
        (field.fixed || (ticked && !closed)) && html` checked`
      }${(field.fixed || closed) && html` disabled`}${closed && html` aria-describedby="${why ?? `${id}-why`}"`}
    /><label for="${id}"
      >${field.label[language]}${field.fixed && html`<span class="aside">${inBrackets(t('fixed'), language)}</span>`}</label
    >${closed && why === null && html`<p class="why" id="${id}-why">${labelled(t('stronger'), names(field.openedBy, language), language)}</p>`}
  </li>`;
}

function datasetPart(dataset: ScreenDataset, ticks: Ticks | null, language: Language, t: Words): Html {
  const necessity = NECESSITY[dataset.necessity];
  const ways = new Set(dataset.fields.map(({ openable, openedBy }) => (openable ? '' : names(openedBy, language))));
  const [way = ''] = ways;
  const why = ways.size === 1 && way !== '' ? `${idOf(dataset.id)}-why` : null;
  return html`<fieldset class="dataset">
    <legend>${dataset.name[language]} <span class="badge badge-${necessity}">${t(necessity)}</span></legend>
    <p>${dataset.why[language]}</p>
    ${why !== null && html`<p class="why" id="${why}">${labelled(t('stronger'), way, language)}</p>`}
    <ul class="ticks">
      ${dataset.fields.map((field) => fieldRow(dataset.id, field, ticks?.fields.includes(scopeOf(dataset.id, field)) ?? false, why, language, t))}
    </ul>
    <p class="aside">${labelled(t('held'), dataset.heldUnder[language], language)}</p>
  </fieldset>`;
}

function actPart(act: ScreenAct, ticks: Ticks | null, language: Language, t: Words): Html {
  const id = `act-${act.kind.toLowerCase()}`;
  const open = act.datasets.some(({ fields }) => fields.some(({ openable }) => openable));
  return html`<section class="act act-${act.kind.toLowerCase()}" aria-labelledby="${id}">
    <h2 id="${id}">${act.heading[language]}</h2>
    ${act.explanation !== null && html`<p>${act.explanation[language]}</p>`}
    ${act.kind === 'SPECIAL' && html`<p class="aside">${labelled(t('basis'), act.legalBasis[language], language)}</p>`}
    ${act.datasets.map((dataset) => datasetPart(dataset, ticks, language, t))}
    ${
      needsConfirmation(act) &&
      open &&
      html`<p class="tick confirm">
        <input
          type="checkbox"
          id="${id}-confirm"
          name="${ACT}"
          value="${act.kind}"
          ${(ticks?.acts.includes(act.kind) ?? false) && html` checked`}
        /><label for="${id}-confirm">${act.kind === 'SPECIAL' ? t('confirmSpecial') : t('confirmThird')}</label>
      </p>`
    }
  </section>`;
}

function summary(screen: ScreenModel, client: string, language: Language, t: Words): Html {
  const { requester, service, purpose, legalBasis, mode, maxUses } = screen;
  const uses = mode === 'ONE_TIME' ? t('once') : maxUses === null ? t('again') : t('cap').replace('#', String(maxUses));
  const number = `${purpose.pdpa}${purpose.pdpaName === null ? '' : ` ${purpose.pdpaName[language]}`}`;
  const row = (term: string, text: HtmlValue): Html =>
    html`<div>
      <dt>${term}</dt>
      <dd>${text}</dd>
    </div>`;
  return html`<dl class="facts">
    ${[
      row(t('who'), requester.name[language]),
      ...(requester.isSelf ? [] : [row(t('through'), client)]),
      row(t('service'), service.name[language]),
      row(t('why'), html`${purpose.text[language]}<span class="aside">${inBrackets(number, language)}</span>`),
      row(t('basis'), legalBasis[language]),
      row(t('uses'), uses),
      row(t('refusing'), screen.refusing[language]),
    ]}
  </dl>`;
}

function durations({ durations: choices }: ScreenModel, ticks: Ticks | null, language: Language, t: Words): Html {
  const chosen = choices.some(({ iso }) => iso === ticks?.duration) ? ticks?.duration : choices[0]?.iso;
  return html`<fieldset class="durations">
    <legend>${t('long')}</legend>
    ${choices.map(
      ({ iso, words }) =>
        html`<p class="tick">
          <input type="radio" id="d-${iso}" name="${DURATION}" value="${iso}" ${iso === chosen && html` checked`} /><label for="d-${iso}"
            >${words[language]}</label
          >
        </p>`,
    )}
  </fieldset>`;
}

function stepUpPart(form: FormTarget, screen: ScreenModel, blocked: boolean, language: Language, t: Words): HtmlValue {
  if (screen.stepUps.length === 0) return null;
  return html`<section class="${blocked ? 'notice' : 'hintbox'}" aria-labelledby="step-up">
    <h2 id="step-up">${t(blocked ? 'blocked' : 'closed')}</h2>
    <p>${t(blocked ? 'blockedText' : 'closedText')}</p>
    <p><strong>${names(screen.stepUps, language)}</strong></p>
    ${postForm(form, 'methods', html`<button type="submit" class="${blocked ? 'primary' : 'secondary'}">${t('stepUp')}</button>`)}
  </section>`;
}

/** The one screen of consent: who asks, why, which fields, for how long, and what refusing means. Refusing is as easy as agreeing. */
export function consentPage(context: PageContext, { form, client, screen, hash, proof, ticks, notice: text }: ConsentPageModel): Html {
  const { language } = context;
  const t: Words = (key) => TEXTS[key][language];
  const { requester } = screen;
  const blocked = blockedDatasets(screen).length > 0;
  const title = requester.isSelf ? t('self') : `${requester.name[language]}${language === 'en' ? ' ' : ''}${t('asks')}`;
  const proved = t('proved').replace('#', timeOfDay(proof.at)).replace('@', proof.method[language]);
  return layout(context, {
    title,
    main: html`<h1>${title}</h1>
      ${notice(text)} ${summary(screen, client, language, t)}
      <div class="proved">
        <p>${proved}</p>
        ${postForm(form, 'methods', html`<button type="submit" class="quiet">${t('another')}</button>`, 'inline')}
      </div>
      ${stepUpPart(form, screen, blocked, language, t)}
      ${postForm(
        form,
        'agree',
        html`<input type="hidden" name="${SCREEN}" value="${hash}" /><input type="hidden" name="${LANGUAGE}" value="${screen.language}" />
          ${screen.acts.map((act) => actPart(act, ticks, language, t))} ${durations(screen, ticks, language, t)}
          <details class="rights">
            <summary>${t('rights')}</summary>
            <dl class="facts">
              ${screen.notices.map(
                (one) =>
                  html`<div>
                    <dt>${one.title[language]}</dt>
                    <dd>${one.text[language]}</dd>
                  </div>`,
              )}
            </dl>
          </details>
          <div class="answers">
            <button type="submit" class="answer" name="answer" value="agree" ${blocked && html` disabled`}>${t('agree')}</button
            ><button type="submit" class="answer" name="answer" value="decline" formaction="${form.base}/decline" formnovalidate>
              ${t('decline')}
            </button>
          </div>`,
      )}`,
  });
}
