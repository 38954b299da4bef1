import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError, type ErrorCode } from '../../schema/errors.ts';
import { render, type Html } from '../pages/html.ts';
import { chooseLanguage, isLanguage, LANGUAGE_COOKIE, type Language } from '../pages/language.ts';
import type { PageContext } from '../pages/layout.ts';
import { errorPage } from '../pages/messagePage.ts';
import { securityHeaders } from '../pages/securityHeaders.ts';

const YEAR = 31_536_000;

/** One cookie of a Cookie header; undefined when it is not there. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const pair = header?.split(';').find((part) => part.trim().startsWith(`${name}=`));
  return pair?.slice(pair.indexOf('=') + 1).trim();
}

/** The language of a request's page; a switch is remembered in a cookie. */
export function languageOf(request: FastifyRequest, reply: FastifyReply, uiLocales?: unknown): Language {
  const { lang } = request.query as { readonly lang?: unknown };
  if (isLanguage(lang)) reply.header('set-cookie', `${LANGUAGE_COOKIE}=${lang}; Path=/; Max-Age=${YEAR}; SameSite=Lax; HttpOnly`);
  const { cookie, 'accept-language': acceptLanguage } = request.headers;
  return chooseLanguage({ query: lang, cookie: cookieOf(cookie, LANGUAGE_COOKIE), uiLocales, acceptLanguage });
}

/** Sends a page. `formTargets`: see {@link securityHeaders}. */
export function sendPage(reply: FastifyReply, page: Html, formTargets: readonly string[] = []): FastifyReply {
  return reply.headers(securityHeaders(formTargets)).type('text/html; charset=utf-8').send(render(page));
}

/** Sends the page of an error: its sentence in the citizen's language, its code and status. */
export function sendError(reply: FastifyReply, context: PageContext, code: ErrorCode, request?: string): FastifyReply {
  const error = new HubError(code);
  return sendPage(
    reply.status(error.status < 400 ? 400 : error.status),
    errorPage(context, { sentence: error.sentence(context.language), code, ...(request !== undefined && { request }) }),
  );
}
