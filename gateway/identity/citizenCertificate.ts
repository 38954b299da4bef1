import { identityMethod } from '../../schema/identityMethods.ts';
import { verifyCardProof } from './cardProof.ts';
import { BIND_MOBILE, MESSAGES, NATIONAL_ID, SIGNATURE } from './formFields.ts';
import type { BothLanguages, IdentityMethod, MethodStep } from './identityMethod.ts';
import { addressKey, mayLogIn, proved, refuse, type LoginDesk } from './loginDesk.ts';
import { parseNid } from './nationalId.ts';
import { beginBinding, confirmBinding } from './phoneBinding.ts';
import { parseMobile } from './smsGateway.ts';
import type { TrustList } from './trustList.ts';

const ID = 'citizen-certificate';
const STEP = 'sign';

export interface CertificateOffers {
  /** Whether a mobile number can be bound in the same login. */
  readonly binding: boolean;
  /** The demonstration's list of cards, if any. */
  readonly cards: string | null;
}

/**
 * 自然人憑證: the card signs a challenge that is random, used once, good for five minutes and for this login only, and that names this hub, so
 * that a card's holder sees where she logs in. `host`: the hub's public host (and port).
 */
export function citizenCertificate(desk: LoginDesk, trust: TrustList, host: string, offers: CertificateOffers): IdentityMethod {
  const begin = async (interaction: string, message?: BothLanguages): Promise<MethodStep & { readonly state: string }> => {
    const state = desk.steps.newId();
    const challenge = `${desk.randomBytes(32).toString('base64url')}@${host}`;
    await desk.steps.open(state, { method: ID, interaction, step: STEP }, { challenge });
    const fields = [NATIONAL_ID, SIGNATURE, ...(offers.binding ? [BIND_MOBILE] : [])];
    return { step: STEP, fields, challenge, state, ...(offers.cards !== null && { cards: offers.cards }), ...(message && { message }) };
  };
  const again = async (interaction: string, message: BothLanguages) => {
    const { state, ...step } = await begin(interaction, message);
    return { kind: 'CONTINUE', step, state } as const;
  };
  const { acr = '', name = { 'zh-TW': ID, en: ID }, assurance = 'HIGH' } = identityMethod(ID) ?? {};

  const method: IdentityMethod = {
    id: ID,
    acr,
    label: name,
    assurance,
    begin: ({ interaction }) => begin(interaction),
    async submit(state, form, context) {
      if (form['otpCode'] !== undefined) return confirmBinding(desk, method, state, form['otpCode'].trim(), context);
      const nid = parseNid(form['nationalId'] ?? '');
      if (nid === null) return again(context.interaction, MESSAGES.idTypo);
      const mobile = parseMobile(form['bindMobile'] ?? '');
      if (mobile === null && (form['bindMobile'] ?? '').trim() !== '') return again(context.interaction, MESSAGES.mobileTypo);
      if (!(await desk.attempts.take(addressKey(desk, context), desk.limits.address)))
        return refuse(desk, ID, nid, context, 'IDENTITY_LOCKED', 'address');
      const step = await desk.steps.take(state, { method: ID, interaction: context.interaction, step: STEP });
      if (step === null || step.challenge === null) return refuse(desk, ID, nid, context, 'SESSION_EXPIRED', 'no such challenge');
      const verdict = await verifyCardProof(form['signature'] ?? '', { challenge: step.challenge, nid }, trust, desk.now());
      if (verdict.kind === 'REFUSED') return refuse(desk, ID, nid, context, verdict.code, verdict.reason);
      if (!(await mayLogIn(desk, nid))) return refuse(desk, ID, nid, context, 'IDENTITY_NOT_PROVED', 'closed');
      await desk.attempts.giveBack(addressKey(desk, context));
      return mobile === null ? proved(method, nid, desk.now()) : beginBinding(desk, method, nid, mobile, context);
    },
  };
  return method;
}
