import type { Bilingual } from '../../schema/bilingual.ts';
import { html, type Html } from './html.ts';
import { layout, type PageContext } from './layout.ts';

const TEXTS = {
  title: { 'zh-TW': '要登出嗎？', en: 'Sign out?' },
  text: {
    'zh-TW': '登出後，這個瀏覽器下次需要重新證明身分。您的同意不受影響。',
    en: 'Once signed out, this browser needs a new proof of identity next time. Your consents stay as they are.',
  },
  yes: { 'zh-TW': '登出', en: 'Sign out' },
  no: { 'zh-TW': '維持登入', en: 'Stay signed in' },
} as const satisfies Record<string, Bilingual>;

/** Asks whether to end the session of this browser. */
export function signOutPage(context: PageContext, { action, token }: { readonly action: string; readonly token: string }): Html {
  const { language } = context;
  return layout(context, {
    title: TEXTS.title[language],
    main: html`<h1>${TEXTS.title[language]}</h1>
      <p class="lead">${TEXTS.text[language]}</p>
      <form method="post" action="${action}">
        <input type="hidden" name="xsrf" value="${token}" />
        <div class="answers">
          <button type="submit" class="answer" name="logout" value="yes">${TEXTS.yes[language]}</button
          ><button type="submit" class="answer">${TEXTS.no[language]}</button>
        </div>
      </form>`,
  });
}
