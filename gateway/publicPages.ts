import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyError, FastifyInstance } from 'fastify';
import { HubError } from '../schema/errors.ts';
import type { HubLog } from './hub.ts';
import { languageOf, sendError, sendPage } from './oidc/pageReply.ts';
import { homePage, type HomeLink } from './pages/homePage.ts';

const CITIZEN_LINKS: readonly HomeLink[] = [
  {
    href: '/me/consents',
    name: { 'zh-TW': '我的同意', en: 'My consents' },
    text: { 'zh-TW': '您同意了誰、為了什麼、提供哪些欄位；隨時撤回。', en: 'Whom you allowed what, and why. Withdraw at any time.' },
  },
  {
    href: '/me/log',
    name: { 'zh-TW': '誰看了我的資料', en: 'Who saw what' },
    text: { 'zh-TW': '每一次讀取與每一次拒絕。', en: 'Every read and every refusal.' },
  },
  {
    href: '/schema.graphql',
    name: { 'zh-TW': '資料結構', en: 'The schema' },
    text: { 'zh-TW': '給開發者：可請求的資料集與欄位。', en: 'For developers: the datasets and fields that can be asked for.' },
  },
];

const DEMONSTRATION_LINK: HomeLink = {
  href: '/dev',
  name: { 'zh-TW': '示範環境', en: 'The demonstration' },
  text: { 'zh-TW': '虛構人物與他們持有的證件。', en: 'The synthetic people, and what they hold to prove who they are.' },
};

export interface PublicPagesOptions {
  readonly demonstration: boolean;
  readonly requestId: () => string;
  readonly log: HubLog;
}

/** The home page, the pages' static files, and what is said where nothing is or something broke: a sentence and a code, never a stack. */
export function publicPages(app: FastifyInstance, { demonstration, requestId, log }: PublicPagesOptions): void {
  const links = demonstration ? [DEMONSTRATION_LINK, ...CITIZEN_LINKS] : CITIZEN_LINKS;
  app.get('/', (request, reply) => sendPage(reply, homePage({ language: languageOf(request, reply), path: '/', demonstration }, links)));
  const assets = [
    ['hub.css', 'text/css; charset=utf-8', 'pages/assets/hub.css'],
    ['sign-challenge.js', 'text/javascript; charset=utf-8', 'identity/assets/sign-challenge.js'],
  ] as const;
  for (const [name, type, file] of assets) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.type(type).headers({ 'cache-control': 'public, max-age=3600', 'x-content-type-options': 'nosniff' }).send(text),
    );
  }
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, { language: languageOf(request, reply), path: null, demonstration }, 'NOT_FOUND'),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const id = requestId();
    const code =
      error instanceof HubError ? error.code : error.statusCode !== undefined && error.statusCode < 500 ? 'FORM_INVALID' : 'INTERNAL';
    // fastify closes the connection on a body that it does not read: somebody still sending would get a broken pipe instead of the page.
    reply.removeHeader('connection');
    const answer = sendError(reply, { language: languageOf(request, reply), path: null, demonstration }, code, id);
    if (answer.statusCode >= 500) log({ where: 'http', request: id, error });
    return answer;
  });
}
