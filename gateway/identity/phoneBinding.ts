import { CODE_TRIES, codeHash, isCode, randomCode } from './oneTimeCode.ts';
import { codeStep, codeText, MESSAGES } from './formFields.ts';
import type { IdentityMethod, MethodResult, Nid, Proved, SubmitContext } from './identityMethod.ts';
import { attemptKey, proved, refuse, type LoginDesk } from './loginDesk.ts';

const STEP = 'bind-phone';

interface Held {
  readonly nid: Nid;
  readonly mobile: string;
  /** When the certificate proved her identity, ms since the epoch. */
  readonly at: number;
}

/**
 * Binding a mobile number, right after the certificate proved who she is (the seed demands the certificate first): a code goes to the number,
 * and whoever reads it there completes the binding. The login itself is not in doubt: an empty code goes on without.
 */
export async function beginBinding(
  desk: LoginDesk,
  method: IdentityMethod,
  nid: Nid,
  mobile: string,
  { interaction }: SubmitContext,
): Promise<MethodResult> {
  const id = desk.steps.newId();
  const code = randomCode(desk.randomBytes);
  const held: Held = { nid, mobile, at: desk.now() };
  await desk.steps.open(
    id,
    { method: method.id, interaction, step: STEP },
    { codeHash: codeHash(desk.vault, id, code), held: JSON.stringify(held) },
  );
  const allowed =
    (await desk.attempts.take(attemptKey(desk, 'sms person', `${nid.kind}\0${nid.value}`), desk.limits.messages)) &&
    (await desk.attempts.take(attemptKey(desk, 'sms number', mobile), desk.limits.messages));
  const sent = allowed && (await desk.sms.send(mobile, codeText(code)).then(() => true, () => false)); // prettier-ignore
  return { kind: 'CONTINUE', step: codeStep(STEP, false, sent ? MESSAGES.codeSent : MESSAGES.codeNotSent), state: id };
}

/** The form with the code. Proves identity by the certificate whether or not the number gets bound. */
export async function confirmBinding(
  desk: LoginDesk,
  method: IdentityMethod,
  state: string,
  typed: string,
  context: SubmitContext,
): Promise<MethodResult> {
  const address = { method: method.id, interaction: context.interaction, step: STEP };
  const step = typed === '' ? null : await desk.steps.tryOnce(state, address, CODE_TRIES);
  const fits = step !== null && step.codeHash !== null && isCode(desk.vault, state, typed, step.codeHash);
  // Right, empty, or no try left: the step ends here. Of several at once one goes on.
  if (step !== null && !fits) return { kind: 'CONTINUE', step: codeStep(STEP, false, MESSAGES.codeWrongOptional), state };
  const taken = await desk.steps.take(state, address);
  if (taken === null || taken.held === null) return refuse(desk, method.id, null, context, 'SESSION_EXPIRED', 'the binding has ended');
  const { nid, mobile, at } = JSON.parse(taken.held) as Held;
  const proof: Proved = proved(method, nid, at);
  if (!fits) return proof;
  const subject = await desk.subjects.enrol(nid);
  await desk.bindings.bind(subject, mobile, desk.now());
  await desk.audit.append({ kind: 'LOGIN', request: context.request, at: desk.now(), subject, method: 'otp-sms', outcome: 'BOUND' });
  await desk.attempts.forgive(attemptKey(desk, 'sms person', `${nid.kind}\0${nid.value}`));
  await desk.attempts.forgive(attemptKey(desk, 'sms number', mobile));
  return proof;
}
