import type { FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { IdentityProof } from '../domain/consent.ts';
import { identityMethod, methodOfAcr } from '../../schema/identityMethods.ts';
import type { FormTarget } from '../pages/form.ts';
import type { PageContext } from '../pages/layout.ts';
import type { ConsentDetails } from './consentDetails.ts';
import type { OpenPage } from './openPage.ts';
import type { RegisteredClient } from './registeredClient.ts';

type Interaction = InstanceType<Provider['Interaction']>;

/** One request within an interaction: who came, for what, and what page she has before her. */
export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Id of this request, in log and audit. */
  readonly id: string;
  readonly interaction: Interaction;
  readonly client: RegisteredClient;
  /** Null in the hub's own client. */
  readonly details: ConsentDetails | null;
  readonly page: OpenPage;
  readonly context: PageContext;
  /** Origins to which the client's redirect goes. */
  readonly formTargets: readonly string[];
}

/** Where the forms of this visit's page go. */
export function formOf({ interaction, page }: Visit): FormTarget {
  return { base: `/interaction/${interaction.uid}`, token: page.token };
}

/** The login that the interaction rests on: subject and proof; null when there is none, or the session has ended. */
export async function presentLogin(
  provider: Provider,
  interaction: Interaction,
): Promise<{ readonly subject: string; readonly proof: IdentityProof } | null> {
  const { uid, accountId } = interaction.session ?? {};
  const session = uid === undefined ? undefined : await provider.Session.findByUid(uid);
  const method = methodOfAcr(session?.acr ?? '');
  const authTime = session?.authTime();
  if (accountId === undefined || accountId !== session?.accountId || method === undefined || authTime === undefined) return null;
  return { subject: accountId, proof: { method: method.id, assurance: method.assurance, authTime } };
}

/**
 * Ends the interaction with a login. Another person than before ends her session here, so that nothing of it is carried on;
 * `consent`: the request under way, which the same person goes on with.
 */
export async function finishLogin(
  provider: Provider,
  { request, reply, interaction, page }: Visit,
  { subject, proof }: { readonly subject: string; readonly proof: IdentityProof },
): Promise<string> {
  const { Session } = provider as unknown as { Session: { get(ctx: unknown): Promise<InstanceType<Provider['Session']>> } };
  const session = await Session.get({ req: request.raw, res: reply.raw });
  const same = session.accountId === subject;
  if (session.accountId !== undefined && !same) {
    await session.destroy();
    Object.assign(interaction, { session: undefined });
    await interaction.persist();
  }
  const { acr, amr } = identityMethod(proof.method) ?? { acr: '', amr: [] };
  return provider.interactionResult(request.raw, reply.raw, {
    login: { accountId: subject, acr, amr: [...amr], ts: proof.authTime, remember: true },
    consentRequest: same ? page.consent : null,
  });
}

/** The request that an earlier step of the same authorization left to this one. */
export function inheritedConsent({ lastSubmission }: Interaction): string | null {
  const id = lastSubmission?.['consentRequest'];
  return typeof id === 'string' ? id : null;
}
