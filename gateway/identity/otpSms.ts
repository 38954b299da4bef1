import { identityMethod } from '../../schema/identityMethods.ts';
import { codeStep, codeText, MESSAGES, MOBILE_NUMBER, NATIONAL_ID } from './formFields.ts';
import type { BothLanguages, IdentityMethod, MethodResult, Nid, SubmitContext } from './identityMethod.ts';
import { addressKey, attemptKey, mayLogIn, personKey, proved, refuse, type LoginDesk } from './loginDesk.ts';
import { parseNid } from './nationalId.ts';
import { CODE_TRIES, codeHash, isCode, randomCode } from './oneTimeCode.ts';
import { parseMobile } from './smsGateway.ts';

const ID = 'otp-sms';
const STEP = 'code';

interface Held {
  readonly nid: Nid;
  readonly mobile: string;
  /** False when no code was sent: then no code fits. */
  readonly genuine: boolean;
}

/**
 * OTP簡訊: ID, the mobile number that she bound with her certificate, and the code sent to it. Whether a number is bound, or a person known,
 * shows nowhere: the answer, the reads and the write are the same, and the message is sent beside the answer.
 */
export function otpSms(desk: LoginDesk): IdentityMethod {
  const { acr = '', name = { 'zh-TW': ID, en: ID }, assurance = 'SUBSTANTIAL' } = identityMethod(ID) ?? {};
  const first = { step: 'number', fields: [NATIONAL_ID, MOBILE_NUMBER] };
  const again = (message: BothLanguages): MethodResult => ({ kind: 'CONTINUE', step: { ...first, message }, state: desk.steps.newId() });
  const messageKeys = (nid: Nid, mobile: string) => [
    attemptKey(desk, 'sms person', `${nid.kind}\0${nid.value}`),
    attemptKey(desk, 'sms number', mobile),
  ];

  const bound = async (nid: Nid, mobile: string): Promise<boolean> => {
    const subject = await desk.subjects.find(nid);
    // A read for everybody, so that all take as long.
    const [isBound, may] = await Promise.all([desk.bindings.isBound(subject ?? '', mobile), mayLogIn(desk, nid)]);
    return subject !== null && isBound && may;
  };

  const sendCode = async (nid: Nid, mobile: string, context: SubmitContext): Promise<MethodResult> => {
    for (const key of messageKeys(nid, mobile)) {
      if (!(await desk.attempts.take(key, desk.limits.messages))) return refuse(desk, ID, nid, context, 'IDENTITY_LOCKED', 'messages');
    }
    const genuine = await bound(nid, mobile);
    const id = desk.steps.newId();
    const code = randomCode(desk.randomBytes);
    const held: Held = { nid, mobile, genuine };
    const address = { method: ID, interaction: context.interaction, step: STEP };
    await desk.steps.open(id, address, { codeHash: codeHash(desk.vault, id, code), held: JSON.stringify(held) });
    if (genuine) {
      desk.sms
        .send(mobile, codeText(code))
        .catch(() =>
          desk.log({ request: context.request, method: ID, code: 'UNAVAILABLE', reason: 'the SMS gateway did not take the message' }),
        );
    }
    return { kind: 'CONTINUE', step: codeStep(STEP, true, MESSAGES.codeSentIfBound), state: id };
  };

  const checkCode = async (state: string, typed: string, context: SubmitContext): Promise<MethodResult> => {
    const address = { method: ID, interaction: context.interaction, step: STEP };
    const step = await desk.steps.tryOnce(state, address, CODE_TRIES);
    if (step === null || step.held === null || step.codeHash === null)
      return refuse(desk, ID, null, context, 'IDENTITY_NOT_PROVED', 'no such code, or no try left');
    const { nid, mobile, genuine } = JSON.parse(step.held) as Held;
    if (!(await desk.attempts.take(personKey(desk, ID, nid), desk.limits.person)))
      return refuse(desk, ID, nid, context, 'IDENTITY_LOCKED', 'codes');
    if (!isCode(desk.vault, state, typed, step.codeHash) || !genuine) {
      if (step.tries < CODE_TRIES) return { kind: 'CONTINUE', step: codeStep(STEP, true, MESSAGES.codeWrong), state };
      return refuse(desk, ID, nid, context, 'IDENTITY_NOT_PROVED', 'wrong code');
    }
    if ((await desk.steps.take(state, address)) === null) return refuse(desk, ID, nid, context, 'IDENTITY_NOT_PROVED', 'the code was used');
    if (!(await bound(nid, mobile))) return refuse(desk, ID, nid, context, 'IDENTITY_NOT_PROVED', 'bound to another number since');
    for (const key of [personKey(desk, ID, nid), ...messageKeys(nid, mobile)]) await desk.attempts.forgive(key);
    await desk.attempts.giveBack(addressKey(desk, context));
    return proved(method, nid, desk.now());
  };

  const method: IdentityMethod = {
    id: ID,
    acr,
    label: name,
    assurance,
    begin: async () => ({ ...first, state: desk.steps.newId() }),
    async submit(state, form, context) {
      if (form['otpCode'] !== undefined) return checkCode(state, form['otpCode'], context);
      const nid = parseNid(form['nationalId'] ?? '');
      if (nid === null) return again(MESSAGES.idTypo);
      const mobile = parseMobile(form['mobileNumber'] ?? '');
      if (mobile === null) return again(MESSAGES.mobileTypo);
      if (!(await desk.attempts.take(addressKey(desk, context), desk.limits.address)))
        return refuse(desk, ID, nid, context, 'IDENTITY_LOCKED', 'address');
      return sendCode(nid, mobile, context);
    },
  };
  return method;
}
