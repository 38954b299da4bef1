import type { Bilingual } from '../../schema/bilingual.ts';
import { html, type Html } from './html.ts';
import { layout, type PageContext } from './layout.ts';

export interface Message {
  readonly title: string;
  /** What happened, and what one can do. */
  readonly sentence: string;
  /** Stable code, for a question to the help desk. */
  readonly code: string | null;
  /** Id of the request in the hub's log. */
  readonly request?: string;
  readonly link?: { readonly href: string; readonly text: string };
}

const TEXTS = {
  code: { 'zh-TW': '代碼', en: 'Code' },
  request: { 'zh-TW': '請求編號', en: 'Request' },
  error: { 'zh-TW': '無法繼續', en: 'This cannot go on' },
  agreed: { 'zh-TW': '您已同意', en: 'You have agreed' },
  declined: { 'zh-TW': '您已拒絕', en: 'You have declined' },
  signedOut: { 'zh-TW': '您已登出', en: 'You are signed out' },
  agreedText: {
    'zh-TW': '您的答覆已記錄，請回到原服務繼續。若要查看或撤回，請至「我的同意」。',
    en: 'Your answer is recorded. Go back to the service to continue. To look at it or withdraw it, go to “My consents”.',
  },
  declinedText: { 'zh-TW': '沒有提供任何資料。請回到原服務。', en: 'No data was given. Go back to the service.' },
  signedOutText: { 'zh-TW': '這個瀏覽器不再記得您的身分驗證。', en: 'This browser no longer remembers your proof of identity.' },
  consents: { 'zh-TW': '我的同意', en: 'My consents' },
  leaving: { 'zh-TW': '您的答覆已記錄', en: 'Your answer is recorded' },
  leavingText: { 'zh-TW': '正在帶您回到原服務。', en: 'You are going back to the service.' },
  goOn: { 'zh-TW': '回到原服務', en: 'Go back to the service' },
} as const satisfies Record<string, Bilingual>;

/** A page that says one thing: an error, or that something is done. */
export function messagePage(context: PageContext, { title, sentence, code, request, link }: Message): Html {
  const { language } = context;
  return layout(context, {
    title,
    main: html`<h1>${title}</h1>
      <p class="lead">${sentence}</p>
      ${link !== undefined && html`<p><a class="button" href="${link.href}">${link.text}</a></p>`}
      ${code !== null && html`<p class="aside">${TEXTS.code[language]} <code>${code}</code></p>`}
      ${request !== undefined && html`<p class="aside">${TEXTS.request[language]} <code>${request}</code></p>`}`,
  });
}

/** The page of an error: a sentence and a code, never a stack. */
export function errorPage(
  context: PageContext,
  error: { readonly sentence: string; readonly code: string; readonly request?: string },
): Html {
  return messagePage(context, { title: TEXTS.error[context.language], ...error });
}

/** What is shown to somebody who sends an answer twice. */
export function answeredPage(context: PageContext, answer: 'AGREED' | 'DECLINED'): Html {
  const { language } = context;
  const agreed = answer === 'AGREED';
  return messagePage(context, {
    title: TEXTS[agreed ? 'agreed' : 'declined'][language],
    sentence: TEXTS[agreed ? 'agreedText' : 'declinedText'][language],
    code: null,
    link: { href: '/me/consents', text: TEXTS.consents[language] },
  });
}

/**
 * Between the answer and the service: browsers hold every redirect after a form against `form-action`, those of the service's own pages too; from
 * here the way back is a navigation of its own.
 */
export function leavingPage(context: PageContext, to: string): Html {
  const { language } = context;
  return layout(context, {
    title: TEXTS.leaving[language],
    goOn: to,
    main: html`<h1>${TEXTS.leaving[language]}</h1>
      <p class="lead">${TEXTS.leavingText[language]}</p>
      <p><a class="button" href="${to}">${TEXTS.goOn[language]}</a></p>`,
  });
}

/** After signing out of the hub. */
export function signedOutPage(context: PageContext): Html {
  const { language } = context;
  return messagePage(context, { title: TEXTS.signedOut[language], sentence: TEXTS.signedOutText[language], code: null });
}
