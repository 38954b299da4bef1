import type Provider from 'oidc-provider';
import type { IdentityProof } from '../domain/consent.ts';
import { HubError, type ErrorCode } from '../../schema/errors.ts';
import { identityMethod } from '../../schema/identityMethods.ts';
import { ACT, DURATION, FIELD, LANGUAGE, readAnswer, SCREEN, type Ticks } from '../pages/consentAnswer.ts';
import { consentPage } from '../pages/consentPage.ts';
import type { Html } from '../pages/html.ts';
import { isLanguage } from '../pages/language.ts';
import type { ConsentDetails } from './consentDetails.ts';
import type { ConsentPort, Refused, ShownScreen } from './consentPort.ts';
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

/** Asking for consent: request, screen, answer, grant. */
export function createConsentFlow(provider: Provider, consents: ConsentPort, pages: OpenPages, resource: string): ConsentFlow {
  const asked = ({ details }: Visit): ConsentDetails => {
    if (details === null) throw new HubError('CONSENT_UNKNOWN');
    return details;
  };

  /** The consent of this interaction: begun by this person in an earlier step, or new. */
  const consentOf = async (visit: Visit, { subject }: Login): Promise<string> => {
    const { page, interaction, client } = visit;
    const begun = page.consent ?? inheritedConsent(interaction);
    const state = begun === null ? null : await consents.read(begun);
    if (state !== null && state.client === client.client_id && (state.subject === null || state.subject === subject)) {
      return pages.adopt(interaction.uid, state._id);
    }
    const requested = await consents.request({ client: client.client_id, details: asked(visit) });
    if (requested.kind === 'REFUSED') throw new HubError(requested.code, requested.detail);
    return pages.adopt(interaction.uid, requested.consent);
  };

  const screenOf = async (visit: Visit, login: Login, language: 'zh-TW' | 'en'): Promise<ShownScreen | Refused> =>
    consents.screen({ consent: await consentOf(visit, login), ...login, language, request: visit.id });

  /** The grant that tokens come from; it names the consent. */
  const finish = async ({ request, reply, interaction, client }: Visit, { subject }: Login, consent: string): Promise<string> => {
    const given = await consents.read(consent);
    if (given === null || given.state !== 'ACTIVE' || given.subject !== subject) throw new HubError('CONSENT_STATE');
    const grant = new provider.Grant({ accountId: subject, clientId: client.client_id });
    grant.addOIDCScope(String(interaction.params['scope'] ?? 'openid'));
    grant.addResourceScope(resource, '');
    grant.addRar(grantedDetails(given));
    const grantId = await grant.save();
    const to = await provider.interactionResult(request.raw, reply.raw, { consent: { grantId } });
    await pages.change(interaction.uid, { answered: 'AGREED' });
    return to;
  };

  const comeBack = async ({ interaction }: Visit, notice: ErrorCode, ticks: Ticks | null): Promise<null> => {
    await pages.change(interaction.uid, { view: 'START', notice, ticks: ticks === null ? null : JSON.stringify(ticks) });
    return null;
  };

  return {
    async show(visit, login, again) {
      const { page, context, interaction, client } = visit;
      if (requestedAcrs(interaction.params) !== null && page.consent === null) {
        const before = await consents.stepUp({ client: client.client_id, details: asked(visit), ...login, request: visit.id });
        if (before !== null) return finish(visit, login, before);
      }
      const shown = await screenOf(visit, login, context.language);
      if (shown.kind === 'REFUSED') {
        // Answered, and then the way back was lost: it is given again.
        if (shown.code === 'CONSENT_STATE' && page.consent !== null && page.screen !== null) return finish(visit, login, page.consent);
        throw new HubError(shown.code, shown.detail);
      }
      const { name = { 'zh-TW': login.proof.method, en: login.proof.method } } = identityMethod(login.proof.method) ?? {};
      return consentPage(context, {
        form: formOf(visit),
        screen: shown.model,
        hash: shown.hash,
        proof: { method: name, at: login.proof.authTime * 1000 },
        ticks: page.ticks === null ? null : (JSON.parse(page.ticks) as Ticks),
        notice: noticeText(page.notice, again, context.language),
      });
    },

    async agree(visit, login, body) {
      const ticks: Ticks = { fields: body.all(FIELD), acts: body.all(ACT), duration: body.get(DURATION) };
      const language = body.get(LANGUAGE);
      const consent = await consentOf(visit, login);
      const shown = await screenOf(visit, login, isLanguage(language) ? language : visit.context.language);
      if (shown.kind === 'REFUSED') return comeBack(visit, shown.code, ticks);
      if (shown.hash !== body.get(SCREEN)) return comeBack(visit, 'CONSENT_STATE', ticks);
      const answer = readAnswer(shown.model, ticks);
      if (answer.kind === 'INCOMPLETE') return comeBack(visit, answer.reason === 'UNCONFIRMED_ACT' ? 'CONSENT_INCOMPLETE' : 'FORM_INVALID', ticks);
      await pages.change(visit.interaction.uid, { screen: shown.hash });
      const granted = await consents.grant({
        consent,
        subject: login.subject,
        screen: shown.hash,
        fields: answer.fields,
        acts: answer.acts,
        duration: answer.duration,
        request: visit.id,
      });
      if (granted.kind === 'REFUSED' && granted.code !== 'CONSENT_STATE') return comeBack(visit, granted.code, ticks);
      return finish(visit, login, consent);
    },

    async decline({ id, request, reply, interaction, page }, login) {
      if (page.consent !== null && login !== null) await consents.decline({ consent: page.consent, subject: login.subject, request: id });
      const to = await provider.interactionResult(request.raw, reply.raw, {
        error: 'access_denied',
        error_description: 'the citizen declined; no data was given',
      });
      await pages.change(interaction.uid, { answered: 'DECLINED' });
      return to;
    },
  };
}
