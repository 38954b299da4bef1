import type Provider from 'oidc-provider';
import { HubError, type ErrorCode } from '../../schema/errors.ts';
import { isWithin } from '../../schema/fieldSet.ts';
import { identityMethod } from '../../schema/identityMethods.ts';
import { agreedFields } from '../domain/changes.ts';
import type { IdentityProof } from '../domain/consent.ts';
import { ACT, DURATION, FIELD, LANGUAGE, readAnswer, SCREEN, type Ticks } from '../pages/consentAnswer.ts';
import { consentPage } from '../pages/consentPage.ts';
import type { Html } from '../pages/html.ts';
import { isLanguage, type Language } from '../pages/language.ts';
import type { ConsentPort, Refused, Shown } from './consentPort.ts';
import type { FormBody } from './formBody.ts';
import { noticeText } from './noticeText.ts';
import type { OpenPages } from './openPage.ts';
import { requestedAcrs } from './requestedMethods.ts';
import { grantedDetails } from './tokenClaims.ts';
import { formOf, inheritedConsent, type Visit } from './visit.ts';

export interface Login {
  readonly subject: string;
  readonly proof: IdentityProof;
}

export interface ConsentFlow {
  /** The consent screen, or where the interaction ends without one (a step-up of a consent that she gave before). */
  show(visit: Visit, login: Login, again: boolean): Promise<Html | string>;
  /** Takes her agreement. Null: the page says what is missing; else where the interaction ends. */
  agree(visit: Visit, login: Login, body: FormBody): Promise<string | null>;
  /** Where the interaction ends after a refusal. */
  decline(visit: Visit, login: Login | null): Promise<string>;
}

/** Refusals that say that the service may not ask, whoever the citizen is. */
const WITHDRAWN_SERVICE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SERVICE_SUSPENDED',
  'SERVICE_UNKNOWN',
  'REQUEST_EXCEEDS_SERVICE',
  'DATASET_UNKNOWN',
  'FIELD_UNKNOWN',
]);

/** Consents looked through for one to step up: the newest. */
const NEWEST = 100;

/** Asking for consent: request, screen, answer, grant. */
export function createConsentFlow(provider: Provider, consents: ConsentPort, pages: OpenPages, resource: string): ConsentFlow {
  /** The consent of this interaction: begun by this person in an earlier step, or new. */
  const consentOf = async ({ page, interaction, client }: Visit, { subject }: Login): Promise<string | Refused> => {
    const begun = page.consent ?? inheritedConsent(interaction);
    const known = begun === null ? null : await consents.read(begun);
    if (known !== null && known.client === client.client_id && (known.subject === null || known.subject === subject)) {
      return pages.adopt(interaction.uid, known._id);
    }
    const asked: unknown = JSON.parse(String(interaction.params['authorization_details']));
    const requested = await consents.request(client.client_id, asked);
    return requested.kind === 'REFUSED' ? requested : pages.adopt(interaction.uid, requested.consent._id);
  };

  const screenOf = async (visit: Visit, login: Login, language: Language): Promise<(Shown & { readonly consentId: string }) | Refused> => {
    const consentId = await consentOf(visit, login);
    if (typeof consentId !== 'string') return consentId;
    const shown = await consents.screen({ consentId, ...login, language, request: visit.id });
    return shown.kind === 'REFUSED' ? shown : { ...shown, consentId };
  };

  /** RFC 9470: a consent of hers for this client and service that names all that is asked for needs only the better proof. */
  const stepUp = async ({ id, client, details, interaction, page }: Visit, login: Login): Promise<string | null> => {
    if (details === null || requestedAcrs(interaction.params) === null || page.consent !== null) return null;
    const { prompt } = interaction.params;
    if (typeof prompt === 'string' && prompt.split(' ').includes('consent')) return null;
    const { consents: hers } = await consents.listForSubject(login.subject, { first: NEWEST });
    const given = hers.find(
      (one) =>
        one.state === 'ACTIVE' &&
        (one.maxUses === null || one.uses.length < one.maxUses) &&
        one.client === client.client_id &&
        one.service.id === details.service &&
        isWithin(details.datasets, agreedFields(one)),
    );
    if (given === undefined) return null;
    const stepped = await consents.stepUp({ consentId: given._id, ...login, request: id });
    return stepped.kind === 'REFUSED' ? null : given._id;
  };

  /** The grant that tokens come from; it names the consent. */
  const finish = async ({ request, reply, interaction, client }: Visit, { subject }: Login, consentId: string): Promise<string> => {
    const given = await consents.read(consentId);
    if (given === null || given.state !== 'ACTIVE' || given.subject !== subject) throw new HubError('CONSENT_STATE');
    const { scope } = interaction.params;
    const grant = new provider.Grant({ accountId: subject, clientId: client.client_id });
    grant.addOIDCScope(typeof scope === 'string' ? scope : 'openid');
    grant.addResourceScope(resource, '');
    grant.addRar(grantedDetails(given));
    const grantId = await grant.save();
    const to = await provider.interactionResult(request.raw, reply.raw, { consent: { grantId } });
    await pages.change(interaction.uid, { answered: 'AGREED' });
    return to;
  };

  const comeBack = async ({ interaction }: Visit, notice: ErrorCode, ticks: Ticks): Promise<null> => {
    await pages.change(interaction.uid, { view: 'START', answering: false, notice, ticks: JSON.stringify(ticks) });
    return null;
  };

  return {
    async show(visit, login, again) {
      const { page, context } = visit;
      const before = await stepUp(visit, login);
      if (before !== null) return finish(visit, login, before);
      const shown = await screenOf(visit, login, context.language);
      if (shown.kind === 'REFUSED') {
        // Agreed, and then the way back was lost: it is given again.
        if (shown.code === 'CONSENT_STATE' && page.consent !== null && page.answering) return finish(visit, login, page.consent);
        if (!WITHDRAWN_SERVICE.has(shown.code)) throw new HubError(shown.code, shown.detail);
        // The service may not ask any more: it is told, and the citizen is back where she came from.
        return provider.interactionResult(visit.request.raw, visit.reply.raw, {
          error: 'invalid_authorization_details',
          error_description: shown.code,
        });
      }
      const { name = { 'zh-TW': login.proof.method, en: login.proof.method } } = identityMethod(login.proof.method) ?? {};
      return consentPage(context, {
        form: formOf(visit),
        client: visit.client.name,
        screen: shown.model,
        hash: shown.hash,
        proof: { method: name, at: login.proof.authTime * 1000 },
        ticks: page.ticks === null ? null : (JSON.parse(page.ticks) as Ticks),
        notice: noticeText(page.notice, again, context.language),
      });
    },

    async agree(visit, login, body) {
      const { id, context } = visit;
      const ticks: Ticks = { fields: body.all(FIELD), acts: body.all(ACT), duration: body.get(DURATION) };
      const language = body.get(LANGUAGE);
      const shown = await screenOf(visit, login, isLanguage(language) ? language : context.language);
      if (shown.kind === 'REFUSED') return comeBack(visit, shown.code, ticks);
      if (shown.hash !== body.get(SCREEN)) return comeBack(visit, 'CONSENT_STATE', ticks);
      const answer = readAnswer(shown.model, ticks);
      if (answer.kind === 'INCOMPLETE') return comeBack(visit, answer.reason, ticks);
      const { fields: agreed, acts, duration } = answer;
      const { consentId } = shown;
      const given = await consents.grant({ consentId, ...login, request: id, agreed, acts, duration, screenHash: shown.hash });
      if (given.kind === 'REFUSED') return comeBack(visit, given.code, ticks);
      return finish(visit, login, consentId);
    },

    async decline({ id, request, reply, interaction, page }, login) {
      if (page.consent !== null && login !== null) await consents.decline({ consentId: page.consent, subject: login.subject, request: id });
      const to = await provider.interactionResult(request.raw, reply.raw, {
        error: 'access_denied',
        error_description: 'the citizen declined; no data was given',
      });
      await pages.change(interaction.uid, { answered: 'DECLINED' });
      return to;
    },
  };
}
