import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Contract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import type { RandomId } from '../domain/clock.ts';
import { FORM_TOKEN } from '../pages/form.ts';
import type { Html } from '../pages/html.ts';
import { answeredPage, leavingPage } from '../pages/messagePage.ts';
import { createConsentFlow, type ConsentFlow } from './consentFlow.ts';
import type { ConsentPort } from './consentPort.ts';
import { detailsOf } from './consentDetails.ts';
import { acceptForms, FormBody } from './formBody.ts';
import type { IdentityPort, Proved } from './identityPort.ts';
import { createLoginFlow, type LoginFlow } from './loginFlow.ts';
import type { OpenPages } from './openPage.ts';
import { languageOf, sendError, sendPage } from './pageReply.ts';
import { isFirstParty, redirectOrigins, type RegisteredClient } from './registeredClient.ts';
import { presentLogin, type Visit } from './visit.ts';

/** What goes wrong on our side, for the operator's log: an id and an error, never a value. */
export type OidcLog = (entry: { readonly request: string; readonly where: string; readonly error: unknown }) => void;

export interface InteractionOptions<P extends Proved> {
  readonly provider: Provider;
  readonly identity: IdentityPort<P>;
  readonly consents: ConsentPort;
  readonly pages: OpenPages;
  readonly clients: readonly RegisteredClient[];
  /** Today's contract: a supergraph may change while the hub runs. */
  readonly contract: () => Contract;
  readonly resource: string;
  readonly demonstration: boolean;
  readonly randomId: RandomId;
  readonly log: OidcLog;
}

/** What one form does: null shows the interaction's page again; a text is where the interaction ends. */
type Action = (visit: Visit, body: FormBody) => Promise<string | null>;

/** The pages of login and consent below /interaction/<id>: one GET that shows where the citizen is, one POST for each form. */
export async function interactionRoutes<P extends Proved>(app: FastifyInstance, options: InteractionOptions<P>): Promise<void> {
  const { provider, pages, demonstration, randomId, log } = options;
  const clients = new Map(options.clients.map((client) => [client.client_id, client]));
  const login = createLoginFlow(provider, options.identity, pages, options.contract);
  const consent = createConsentFlow(provider, options.consents, pages, options.resource);

  /** The visit of a request; null when its interaction is over, and then the answer is sent. */
  const visitOf = async (request: FastifyRequest, reply: FastifyReply): Promise<Visit | null> => {
    const { uid } = request.params as { uid: string };
    const interaction = await provider.interactionDetails(request.raw, reply.raw).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) return null;
      throw error;
    });
    const language = languageOf(request, reply, interaction?.params['ui_locales']);
    const context = { language, path: `/interaction/${uid}`, demonstration };
    if (interaction === null || interaction.uid !== uid) {
      const { answered } = (await pages.read(uid)) ?? { answered: null };
      const over = { ...context, path: null };
      await (answered === null ? sendError(reply, over, 'SESSION_EXPIRED') : sendPage(reply, answeredPage(over, answered)));
      return null;
    }
    const client = clients.get(String(interaction.params['client_id']));
    if (client === undefined) throw new HubError('INTERNAL', 'An interaction of an unknown client.');
    return {
      request,
      reply,
      id: randomId(),
      interaction,
      client,
      details: detailsOf(interaction.params),
      page: await pages.open(uid, interaction.exp * 1000),
      context,
      formTargets: redirectOrigins(client),
    };
  };

  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    work: (visit: Visit) => Promise<Html | string>,
  ): Promise<FastifyReply> => {
    let visit: Visit | null = null;
    try {
      visit = await visitOf(request, reply);
      if (visit === null) return reply;
      const result = await work(visit);
      return typeof result === 'string' ? reply.redirect(result, 303) : sendPage(reply, result, visit.formTargets);
    } catch (error) {
      const id = visit?.id ?? randomId();
      const code = error instanceof HubError ? error.code : error instanceof errors.SessionNotFound ? 'SESSION_EXPIRED' : 'INTERNAL';
      const shown = sendError(reply, { language: languageOf(request, reply), path: null, demonstration }, code, id);
      if (shown.statusCode >= 500) log({ request: id, where: 'interaction', error });
      return shown;
    }
  };

  /** Browsers get a page of their own on the way back to a service; what follows redirects by itself gets the redirect. */
  const leave = ({ request, context }: Visit, to: string): Html | string =>
    request.headers['sec-fetch-mode'] === 'navigate' ? leavingPage({ ...context, path: null }, to) : to;

  const action = (name: string, act: Action, isAnswer = false): void => {
    app.post(`/interaction/:uid/${name}`, (request, reply) =>
      answer(request, reply, async (visit) => {
        const here = `/interaction/${visit.interaction.uid}`;
        if (visit.interaction.result !== undefined && visit.page.answered !== null) return leave(visit, visit.interaction.returnTo);
        const { body } = request;
        if (!(body instanceof FormBody)) throw new HubError('FORM_INVALID');
        const page = await pages.take(visit.interaction.uid, body.get(FORM_TOKEN), isAnswer ? { answering: true } : {});
        if (page === null) {
          // A second click: the first one's answer is about to be there.
          const isAnswered = isAnswer && (await answeredSoon(pages, visit.interaction.uid));
          return isAnswered ? leave(visit, visit.interaction.returnTo) : `${here}?again=1`;
        }
        const to = await act({ ...visit, page }, body);
        if (to === null) return here;
        return isAnswer ? leave(visit, to) : to;
      }),
    );
  };

  acceptForms(app);
  app.get('/interaction/:uid', (request, reply) =>
    answer(request, reply, async (visit) => {
      const shown = await show(provider, visit, login, consent, 'again' in (request.query as object));
      return typeof shown === 'string' && visit.details !== null ? leave(visit, shown) : shown;
    }),
  );
  action('method', async (visit, body) => {
    await login.begin(visit, body.get('method'));
    return null;
  });
  action('step', (visit, body) => login.submit(visit, body));
  action('methods', async ({ interaction }) => {
    await pages.change(interaction.uid, { view: 'METHODS', method: null, state: null, step: null, notice: null });
    return null;
  });
  action('back', async ({ interaction }) => {
    await pages.change(interaction.uid, { view: 'START', method: null, state: null, step: null, notice: null });
    return null;
  });
  const agree: Action = async (visit, body) => {
    if (visit.interaction.prompt.name !== 'consent') throw new HubError('FORM_INVALID');
    return consent.agree(visit, await loginOf(provider, visit), body);
  };
  action('agree', agree, true);
  action('decline', async (visit) => consent.decline(visit, await presentLogin(provider, visit.interaction)), true);
}

/** Waits while an answer is being taken, two seconds at most. */
async function answeredSoon(pages: OpenPages, interaction: string): Promise<boolean> {
  for (let turn = 0; turn < 20; turn += 1) {
    const { answered = null, answering = false } = (await pages.read(interaction)) ?? {};
    if (answered !== null) return true;
    if (!answering) return false;
    await setTimeout(100);
  }
  return false;
}

async function loginOf(provider: Provider, { interaction }: Visit) {
  const login = await presentLogin(provider, interaction);
  if (login === null) throw new HubError('SESSION_EXPIRED');
  return login;
}

/** The page of where the citizen is. */
async function show(provider: Provider, visit: Visit, login: LoginFlow, consent: ConsentFlow, again: boolean): Promise<Html | string> {
  const { interaction, page, client, request, reply } = visit;
  if (interaction.result !== undefined && page.answered !== null) return interaction.returnTo;
  if (interaction.prompt.name === 'login' || page.view !== 'START') return login.show(visit, again);
  // The hub's own client asks for no agreement; a service that insists on `prompt=consent` there gets its way at once.
  if (isFirstParty(client)) return provider.interactionResult(request.raw, reply.raw, { consent: {} });
  return consent.show(visit, await loginOf(provider, visit), again);
}
