import type { Bilingual } from '../../schema/bilingual.ts';
import { HubError } from '../../schema/errors.ts';
import { render, type Html } from '../pages/html.ts';
import { chooseLanguage, LANGUAGE_COOKIE } from '../pages/language.ts';
import type { PageContext } from '../pages/layout.ts';
import { errorPage, signedOutPage } from '../pages/messagePage.ts';
import { securityHeaders } from '../pages/securityHeaders.ts';
import { signOutPage } from '../pages/signOutPage.ts';
import { cookieOf } from './pageReply.ts';
import type { PageRequest, ProviderOptions } from './provider.ts';

/** What a citizen can do about an OAuth error that ends on a page of ours: the service made the mistake, or the page is old. */
const SENTENCES: Readonly<Record<string, Bilingual>> = {
  invalid_request_uri: {
    'zh-TW': '這個連結已逾時或已使用過。請回到原服務重新開始；未變更任何資料。',
    en: 'This link has ended or was used before. Go back to the service and start again; nothing was changed.',
  },
  server_error: { 'zh-TW': '系統發生錯誤，請稍後再試。', en: 'Something went wrong on our side. Please try again later.' },
};

const SERVICE_FAULT: Bilingual = {
  'zh-TW': '申請服務送來的請求有誤，平臺未予處理，也未提供任何資料。請回到原服務，或告知其承辦人員以下代碼。',
  en: 'The request that the service sent is not right. It was not carried out, and no data was given. Go back to the service, or tell its staff the code below.',
};

const PAGE_OLD: Bilingual = {
  'zh-TW': '此頁面已逾時，請回到原服務重新開始；未變更任何資料。',
  en: 'This page is too old. Go back to the service and start again; nothing was changed.',
};

function contextOf(ctx: PageRequest, demonstration: boolean, uiLocales?: unknown): PageContext {
  const language = chooseLanguage({
    cookie: cookieOf(ctx.get('cookie'), LANGUAGE_COOKIE),
    uiLocales,
    acceptLanguage: ctx.get('accept-language'),
  });
  return { language, path: null, demonstration };
}

function send(ctx: PageRequest, page: Html): void {
  ctx.set(securityHeaders());
  ctx.type = 'html';
  ctx.body = render(page);
}

/** The pages that the provider itself shows: errors that cannot go back to a client, and signing out. */
export function providerPages(demonstration: boolean): ProviderOptions['pages'] {
  return {
    error(ctx, { error }, cause) {
      const context = contextOf(ctx, demonstration, ctx.oidc.params?.['ui_locales']);
      const old = cause instanceof Error && cause.name === 'SessionNotFound';
      const sentence = old ? PAGE_OLD : (SENTENCES[error] ?? SERVICE_FAULT);
      send(ctx, errorPage(context, { sentence: sentence[context.language], code: old ? 'SESSION_EXPIRED' : error }));
    },
    signOut(ctx, form) {
      const [, action = ''] = /action="([^"]*)"/.exec(form) ?? [];
      const [, token = ''] = /name="xsrf" value="([^"]*)"/.exec(form) ?? [];
      send(ctx, signOutPage(contextOf(ctx, demonstration), { action, token }));
    },
    missing(ctx) {
      const context = contextOf(ctx, demonstration);
      const { code, status } = new HubError('NOT_FOUND');
      if (ctx.accepts('json', 'html') === 'html')
        send(ctx, errorPage(context, { sentence: new HubError(code).sentence(context.language), code }));
      else ctx.body = { error: 'invalid_request', error_description: 'there is no such endpoint' };
      ctx.status = status;
    },
    signedOut(ctx) {
      send(ctx, signedOutPage(contextOf(ctx, demonstration)));
    },
  };
}
