import { randomBytes } from 'node:crypto';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { createRelyingParty, Declined, type Authorization, type Pending, type RelyingPartyOptions } from '../sdk/relyingParty.ts';
import { DATASETS, OPERATION, SERVICE, strongerProof, type TuitionWaiverData } from './application.ts';
import { resultPage, startPage, styleSheet } from './page.ts';

interface Session {
  pending?: Pending;
  authorization?: Authorization;
  /** What opens the fields that the last answer refused for want of a stronger proof. */
  stronger?: readonly string[] | null;
}

/**
 * The student-aid system of 國教署 as a runnable relying party: start → hub → callback → the form that fills itself.
 * `options.redirectUri` must be this server's `/callback`. Sessions are in memory: a demonstration, one process.
 */
export async function tuitionWaiver(options: RelyingPartyOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: false });
  await app.register(cookie);
  await app.register(formbody);
  const sessions = new Map<string, Session>();
  const party = once(() => createRelyingParty(options));

  const session = (request: FastifyRequest, reply: FastifyReply): Session => {
    const known = sessions.get(request.cookies['student-aid'] ?? '');
    if (known) return known;
    const id = randomBytes(16).toString('base64url');
    const fresh: Session = {};
    if (sessions.size > 1000) sessions.delete(sessions.keys().next().value ?? '');
    sessions.set(id, fresh);
    reply.setCookie('student-aid', id, { httpOnly: true, sameSite: 'lax', path: '/' });
    return fresh;
  };
  const send = (reply: FastifyReply, html: string): FastifyReply =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
  const result = async (reply: FastifyReply, mine: Session, authorization: Authorization): Promise<FastifyReply> => {
    const answer = await (await party()).query<TuitionWaiverData>(authorization, OPERATION);
    mine.stronger = strongerProof(answer);
    return send(reply, resultPage(answer));
  };

  app.get('/', (_request, reply) => send(reply, startPage()));
  app.get('/style.css', (_request, reply) => reply.type('text/css').send(styleSheet));
  app.post('/apply', async (request, reply) => {
    const mine = session(request, reply);
    mine.pending = await (await party()).begin({ service: SERVICE, datasets: DATASETS });
    return reply.redirect(mine.pending.url, 303);
  });
  // RFC 9470: the same request again, saying how identity must be proved.
  app.post('/stronger', async (request, reply) => {
    const mine = session(request, reply);
    if (!mine.stronger) return reply.redirect('/result', 303);
    mine.pending = await (await party()).begin({ service: SERVICE, datasets: DATASETS, acrValues: mine.stronger });
    return reply.redirect(mine.pending.url, 303);
  });
  app.get('/callback', async (request, reply) => {
    const mine = session(request, reply);
    if (!mine.pending) return send(reply, startPage('這個頁面已逾時，請重新開始。 | This page is too old. Please start again.'));
    try {
      const returnedTo = new URL(request.url, options.redirectUri).href;
      mine.authorization = await (await party()).finish(mine.pending, returnedTo);
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
      return send(reply, startPage('您沒有授權，我們沒有取得任何資料。 | You declined; we received nothing.'));
    } finally {
      delete mine.pending;
    }
    return reply.redirect('/result', 303);
  });
  app.get('/result', async (request, reply) => {
    const mine = session(request, reply);
    return mine.authorization ? result(reply, mine, mine.authorization) : reply.redirect('/', 303);
  });
  app.post('/recheck', async (request, reply) => {
    const mine = session(request, reply);
    if (!mine.authorization) return reply.redirect('/', 303);
    if (mine.authorization.expiresAt * 1000 < Date.now() + 10_000) {
      mine.authorization = (await (await party()).refresh(mine.authorization).catch(() => mine.authorization)) ?? mine.authorization;
    }
    return result(reply, mine, mine.authorization);
  });
  app.setErrorHandler((error, _request, reply) => {
    console.error('student-aid:', error instanceof Error ? error.message : error);
    return send(reply.status(502), startPage('MyData 平臺暫時無法回應，請稍後再試。 | The hub did not answer. Please try again later.'));
  });
  return app;
}

/** Runs `make` at the first call only; a failure is tried again at the next. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch(
      (error: unknown) => ((made = undefined), Promise.reject(error instanceof Error ? error : new Error(String(error)))),
    ));
}
