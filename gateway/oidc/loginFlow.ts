import type Provider from 'oidc-provider';
import type { Bilingual } from '../../schema/bilingual.ts';
import { sha256 } from '../../schema/canonical.ts';
import type { Contract } from '../../schema/contract.ts';
import { HubError, type ErrorCode } from '../../schema/errors.ts';
import { identityMethod } from '../../schema/identityMethods.ts';
import { FORM_TOKEN } from '../pages/form.ts';
import type { Html } from '../pages/html.ts';
import { methodChoicePage, type MethodOption } from '../pages/methodChoicePage.ts';
import { methodStepPage, type StepForm } from '../pages/methodStepPage.ts';
import { acceptedMethods } from './consentDetails.ts';
import type { FormBody } from './formBody.ts';
import type { IdentityPort, LoginMethod, Proved } from './identityPort.ts';
import { noticeText, otherPersonText } from './noticeText.ts';
import type { OpenPages } from './openPage.ts';
import { helpfulMethods } from './requestedMethods.ts';
import { finishLogin, formOf, type Visit } from './visit.ts';

export interface LoginFlow {
  /** The choice of methods, or the form of the one chosen. */
  show(visit: Visit, again: boolean): Html;
  /** Begins a method. */
  begin(visit: Visit, method: string, notice?: ErrorCode): Promise<void>;
  /** Takes a method's form. Null: go on with the interaction's page; else where the login ends. */
  submit(visit: Visit, body: FormBody): Promise<string | null>;
}

/** Proving who one is: choose a method that helps, go through its forms, become a data subject. */
export function createLoginFlow<P extends Proved>(
  provider: Provider,
  identity: IdentityPort<P>,
  pages: OpenPages,
  contract: () => Contract,
): LoginFlow {
  const methods = [...identity.methods.values()];
  const helpful = ({ interaction }: Visit): readonly LoginMethod<P>[] => helpfulMethods(interaction.params, methods, contract());

  const choice = (visit: Visit, again: boolean): Html => {
    const { context, page, client, details, interaction } = visit;
    const hasLoggedIn = interaction.lastSubmission?.login !== undefined;
    const options = helpful(visit)
      .map((method) => option(method.id, visit, contract()))
      .sort((a, b) => a.leavesClosed.length - b.leavesClosed.length || orderOf(b.id) - orderOf(a.id));
    const asker = details === null ? null : { 'zh-TW': client.name, en: client.name };
    return methodChoicePage(context, {
      form: formOf(visit),
      asker,
      options,
      canReturn: interaction.prompt.name === 'consent',
      notice: noticeText(page.notice, again, context.language) ?? otherPersonText(interaction.prompt, hasLoggedIn, context.language),
    });
  };

  const flow: LoginFlow = {
    show(visit, again) {
      const { page, context } = visit;
      const method = identity.methods.get(page.method ?? '');
      if (page.view !== 'STEP' || method === undefined || page.step === null) return choice(visit, again);
      const step = JSON.parse(page.step) as StepForm;
      return methodStepPage(context, {
        form: formOf(visit),
        method: method.label,
        step,
        notice: noticeText(page.notice, again, context.language),
      });
    },
    async begin(visit, id, notice) {
      const method = helpful(visit).find((one) => one.id === id);
      if (method === undefined) throw new HubError('METHOD_UNKNOWN');
      const { state, ...step } = await method.begin({ interaction: sha256(visit.interaction.uid), language: visit.context.language });
      await pages.change(visit.interaction.uid, { view: 'STEP', method: id, state, step: JSON.stringify(step), notice: notice ?? null });
    },
    async submit(visit, body) {
      const { page, interaction, id: request } = visit;
      const method = helpful(visit).find((one) => one.id === page.method);
      if (page.view !== 'STEP' || method === undefined || page.state === null) return null;
      const about = { interaction: sha256(interaction.uid), request, address: visit.request.ip };
      const result = await method.submit(page.state, body.rest(FORM_TOKEN), about);
      if (result.kind === 'CONTINUE') {
        await pages.change(interaction.uid, { state: result.state, step: JSON.stringify(result.step), notice: null });
        return null;
      }
      if (result.kind === 'REFUSED') {
        await flow.begin(visit, method.id, result.code);
        return null;
      }
      try {
        return await finishLogin(provider, visit, await identity.prove(result, { request }));
      } catch (error) {
        if (!(error instanceof HubError) || error.status >= 500) throw error;
        await flow.begin(visit, method.id, error.code);
        return null;
      }
    },
  };
  return flow;
}

const orderOf = (id: string): number => identityMethod(id)?.stepUpOrder ?? 0;

function option(id: string, { details }: Visit, contract: Contract): MethodOption {
  const method = identityMethod(id);
  if (method === undefined) throw new HubError('METHOD_UNKNOWN', id);
  const closed: Bilingual[] = [];
  for (const [dataset, accepted] of details === null ? [] : acceptedMethods(details, contract)) {
    const name = contract.datasets.get(dataset)?.name;
    if (name !== undefined && !accepted.has(id)) closed.push(name);
  }
  const enrolledWith = method.enrolledWith === null ? null : (identityMethod(method.enrolledWith)?.name ?? null);
  return { id, label: method.name, presents: method.presents, assurance: method.assurance, enrolledWith, leavesClosed: closed };
}
