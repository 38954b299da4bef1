import type { Bilingual } from '../../schema/bilingual.ts';
import { notice, postForm, type FormTarget } from './form.ts';
import { html, type Html, type HtmlValue } from './html.ts';
import type { Language } from './language.ts';
import { layout, type PageContext } from './layout.ts';

/** One field of a method's form, as data. */
export interface StepField {
  readonly name: string;
  readonly label: Bilingual;
  readonly kind: 'text' | 'password' | 'date' | 'tel' | 'file' | 'hidden' | 'signature';
  /** The whole value, no anchors. */
  readonly pattern?: string;
  readonly autocomplete?: string;
  readonly required: boolean;
  /** Name of a group of fields of which one must be filled in. */
  readonly oneOf?: string;
  readonly hint?: Bilingual;
}

/** One form of an identity method, as data. */
export interface StepForm {
  readonly step: string;
  readonly fields: readonly StepField[];
  /** To be signed by the citizen's card. */
  readonly challenge?: string;
  /** Demonstration only: URL of its cards, for the script that signs. */
  readonly cards?: string;
  readonly message?: Bilingual;
}

export interface MethodStepModel {
  readonly form: FormTarget;
  readonly method: Bilingual;
  readonly step: StepForm;
  readonly notice: string | null;
}

const TEXTS = {
  send: { 'zh-TW': '送出', en: 'Continue' },
  others: { 'zh-TW': '改用其他方式', en: 'Use another way' },
  optional: { 'zh-TW': '（選填）', en: ' (optional)' },
  oneOf: { 'zh-TW': '以下擇一填寫', en: 'Fill in one of these' },
  challenge: { 'zh-TW': '待簽章文字', en: 'Text to be signed' },
  private: {
    'zh-TW': '您輸入的內容只用於這次驗證，不會提供給申請服務的機關。',
    en: 'What you enter is used for this check alone. The service that asks never sees it.',
  },
} as const satisfies Record<string, Bilingual>;

/** Script that signs the challenge in the browser; without it the signature is pasted. */
const SIGN_SCRIPT = 'sign-challenge.js';

function field(one: StepField, language: Language, { challenge, cards }: StepForm): Html {
  const id = `f-${one.name}`;
  if (one.kind === 'hidden') return html`<input type="hidden" name="${one.name}" value="" />`;
  const hint = one.hint !== undefined && html`<p class="hint" id="${id}-hint">${one.hint[language]}</p>`;
  const described: HtmlValue = one.hint !== undefined && html` aria-describedby="${id}-hint"`;
  const common = html`id="${id}"
  name="${one.name}"${one.required && html` required`}${described}${
    one.autocomplete !== undefined && html` autocomplete="${one.autocomplete}"`
  }`;
  const label = html`<label for="${id}"
    >${one.label[language]}${!one.required && one.oneOf === undefined && !/選填|optional/.test(one.label[language]) && TEXTS.optional[language]}</label
  >`;
  if (one.kind === 'signature') {
    return html`<div class="field" data-sign-challenge="${challenge ?? ''}" ${cards !== undefined && html` data-cards="${cards}"`}>
      <p class="label" id="${id}-challenge-label">${TEXTS.challenge[language]}</p>
      <p class="challenge"><code id="challenge" aria-labelledby="${id}-challenge-label">${challenge ?? ''}</code></p>
      ${label}${hint}<textarea ${common} rows="4" spellcheck="false" autocapitalize="off"></textarea>
    </div>`;
  }
  const numeric = one.kind === 'tel' || (one.pattern !== undefined && /^\[0-9\]/.test(one.pattern));
  return html`<div class="field">
    ${label}${hint}<input
      type="${one.kind}"
      ${common}${one.pattern !== undefined && html` pattern="${one.pattern}"`}${numeric && html` inputmode="numeric"`}
      spellcheck="false"
      autocapitalize="off"
    />
  </div>`;
}

function fields(step: StepForm, language: Language): readonly Html[] {
  const { fields: all } = step;
  const groups = new Set(all.map(({ oneOf }) => oneOf));
  return [...groups].map((group) => {
    const members = all.filter(({ oneOf }) => oneOf === group).map((one) => field(one, language, step));
    return group === undefined
      ? html`${members}`
      : html`<fieldset>
          <legend>${TEXTS.oneOf[language]}</legend>
          ${members}
        </fieldset>`;
  });
}

/** One form of an identity method. Works without a script: a signature is then pasted. */
export function methodStepPage(context: PageContext, { form, method, step, notice: text }: MethodStepModel): Html {
  const { language } = context;
  const signs = step.fields.some(({ kind }) => kind === 'signature');
  return layout(context, {
    title: method[language],
    ...(signs && { script: SIGN_SCRIPT }),
    main: html`<h1>${method[language]}</h1>
      ${notice(text)} ${step.message !== undefined && html`<p class="lead" role="status">${step.message[language]}</p>`}
      ${postForm(form, 'step', html`${fields(step, language)}<button type="submit" class="primary">${TEXTS.send[language]}</button>`)}
      <p class="aside">${TEXTS.private[language]}</p>
      ${postForm(form, 'methods', html`<button type="submit" class="quiet">${TEXTS.others[language]}</button>`)}`,
  });
}
