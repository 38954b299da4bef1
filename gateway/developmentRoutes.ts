import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JWK } from 'jose';
import { identityMethod } from '../schema/identityMethods.ts';
import type { DevAuthority } from './identity/devAuthority.ts';
import type { DevelopmentSms } from './identity/smsGateway.ts';
import { languageOf, sendPage } from './oidc/pageReply.ts';
import type { RegisteredClient } from './oidc/registeredClient.ts';
import { developmentCardsPage, developmentMessagesPage, developmentPage } from './pages/developmentPages.ts';
import type { PageContext } from './pages/layout.ts';
import type { Person } from './people.ts';

export interface DevelopmentRoutesOptions {
  readonly people: readonly Person[];
  readonly authority: DevAuthority;
  readonly sms: { listMessages(): readonly DevelopmentSms[] };
  /** The demonstration's relying parties and their private keys, for the terminal journey: the last redirect URI is the terminal's. */
  readonly clients: readonly RegisteredClient[];
  readonly keys: Readonly<Record<string, JWK>>;
}

/**
 * The demonstration's helpers below /dev: who the synthetic people are, their software cards, text messages, client keys; pages for people, JSON
 * for tools. Production never mounts them.
 */
export function developmentRoutes({
  people,
  authority,
  sms,
  clients,
  keys,
}: DevelopmentRoutesOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    const context = (request: FastifyRequest, reply: FastifyReply, path: string): PageContext => ({
      language: languageOf(request, reply),
      path,
      demonstration: true,
    });
    const wantsJson = ({ headers: { accept = '' } }: FastifyRequest): boolean =>
      accept.includes('application/json') && !accept.includes('text/html');
    const json = (reply: FastifyReply, value: unknown): FastifyReply => reply.header('cache-control', 'no-store').send(value);
    const missing = (reply: FastifyReply): FastifyReply =>
      reply.status(404).send({ error: 'There is none of this name. /dev lists the people.' });

    app.get('/dev', (request, reply) => {
      const personas = people.map((person) => ({
        ...person,
        methods: person.heldMethods.flatMap((id) => identityMethod(id)?.name ?? []),
        card: person.heldMethods.includes('citizen-certificate') ? `/dev/cards/${person.id}.json` : null,
      }));
      return sendPage(reply, developmentPage(context(request, reply, '/dev'), personas));
    });
    app.get('/dev/personas.json', (_request, reply) => json(reply, people));
    app.get('/dev/sms', (request, reply) =>
      sendPage(reply, developmentMessagesPage(context(request, reply, '/dev/sms'), sms.listMessages())),
    );
    app.get('/dev/sms.json', (_request, reply) => json(reply, sms.listMessages()));
    app.get('/dev/cards', async (request, reply) => {
      const cards = await authority.listCards();
      if (wantsJson(request)) return json(reply, cards);
      const named = cards.map(({ holder }) => ({
        name: people.find(({ id }) => id === holder)?.name.en ?? holder,
        href: `/dev/cards/${holder}.json`,
      }));
      return sendPage(reply, developmentCardsPage(context(request, reply, '/dev/cards'), named));
    });
    app.get('/dev/cards/:holder.json', async (request, reply) => {
      const { holder } = request.params as { holder: string };
      const card = (await authority.listCards()).find((one) => one.holder === holder);
      return card ? json(reply, card) : missing(reply);
    });
    app.get('/dev/clients/:client.json', (request, reply) => {
      const { client } = request.params as { client: string };
      const found = clients.find(({ client_id }) => client_id === client);
      return found ? json(reply, { privateJwk: keys[client], redirectUri: found.redirect_uris.at(-1) }) : missing(reply);
    });
  };
}
