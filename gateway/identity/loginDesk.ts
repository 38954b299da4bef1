import type { ErrorCode } from '../../schema/errors.ts';
import type { AuditBody } from '../domain/auditEntry.ts';
import type { Clock } from '../domain/clock.ts';
import { addressGroup } from './addressGroup.ts';
import type { IdentityMethod, MethodResult, Nid, Proved, SubmitContext } from './identityMethod.ts';
import type { AttemptPolicy, LoginAttempts } from './loginAttempts.ts';
import type { PhoneBindings } from './phoneBindings.ts';
import type { ProofSteps } from './proofSteps.ts';
import type { SmsGateway } from './smsGateway.ts';
import type { Subjects } from './subjects.ts';
import type { Vault } from './vault.ts';

/** How often each thing may be tried; see {@link DEFAULT_LIMITS}. */
export interface LoginLimits {
  /** Failed logins from one address: many people may share it. */
  readonly address: AttemptPolicy;
  /** Failed knowledge of one person, and failed codes. */
  readonly person: AttemptPolicy;
  /** Codes sent for one person, and to one number. */
  readonly messages: AttemptPolicy;
  /** Entries in a person's audit log about logins that failed. */
  readonly entries: AttemptPolicy;
}

const MINUTE = 60_000;

/** Five tries for one person, then one after each of a minute, two, four, … up to an hour. */
export const DEFAULT_LIMITS: LoginLimits = {
  address: { limit: 50, window: 10 * MINUTE, lock: MINUTE, longest: 60 * MINUTE },
  person: { limit: 5, window: 15 * MINUTE, lock: MINUTE, longest: 60 * MINUTE },
  messages: { limit: 5, window: 15 * MINUTE, lock: 5 * MINUTE, longest: 60 * MINUTE },
  entries: { limit: 10, window: 15 * MINUTE, lock: 15 * MINUTE, longest: 60 * MINUTE },
};

/** The part of the audit log that a login needs. */
export interface LoginAudit {
  /** Durable when resolved. */
  append(body: AuditBody): Promise<void>;
  /** In the next group commit. */
  note(body: AuditBody): void;
}

/** For an operator: which step failed and why. Never what was typed. */
export type LoginLog = (entry: {
  readonly request: string;
  readonly method: string;
  readonly code: string;
  readonly reason: string;
}) => void;

/** What every method works with. */
export interface LoginDesk {
  readonly steps: ProofSteps;
  readonly attempts: LoginAttempts;
  readonly subjects: Subjects;
  readonly bindings: PhoneBindings;
  readonly vault: Vault;
  readonly sms: SmsGateway;
  readonly audit: LoginAudit;
  readonly log: LoginLog;
  readonly limits: LoginLimits;
  readonly now: Clock;
  readonly randomBytes: (size: number) => Buffer;
}

/** Key of a counter: what is limited, hashed. */
export function attemptKey({ vault }: LoginDesk, purpose: string, value: string): string {
  return vault.index(`attempt ${purpose}`, value);
}

export const addressKey = (desk: LoginDesk, { address }: SubmitContext): string => attemptKey(desk, 'address', addressGroup(address));

/** The person's counter of one method: another method of hers stays open while this one is locked. */
export const personKey = (desk: LoginDesk, method: string, nid: Nid): string => attemptKey(desk, method, `${nid.kind}\0${nid.value}`);

/** Identity proved now. */
export function proved(method: Pick<IdentityMethod, 'id' | 'assurance'>, nid: Nid, now: number): Proved {
  return { kind: 'PROVED', nid, method: method.id, assurance: method.assurance, authTime: Math.floor(now / 1000) };
}

/** Refusals that the person herself is told of in "who saw what". */
const OUTCOMES: Partial<Record<ErrorCode, 'FAILED' | 'LOCKED'>> = {
  IDENTITY_NOT_PROVED: 'FAILED',
  CARD_REJECTED: 'FAILED',
  IDENTITY_LOCKED: 'LOCKED',
};

/**
 * A refusal: logged for the operator, and told to the audit log where the person is a data subject already, so that she sees who tried; ten
 * entries a quarter of an hour, so that nobody floods the log. Noted, not awaited, and counted for everybody: a refusal must not take longer for
 * those whom the hub knows.
 */
export async function refuse(
  desk: LoginDesk,
  method: string,
  nid: Nid | null,
  { request }: SubmitContext,
  code: ErrorCode,
  reason: string,
): Promise<MethodResult> {
  desk.log({ request, method, code, reason });
  const outcome = OUTCOMES[code];
  if (nid !== null && outcome !== undefined) {
    const [subject, counted] = await Promise.all([
      desk.subjects.find(nid),
      desk.attempts.take(attemptKey(desk, 'entries', `${nid.kind}\0${nid.value}`), desk.limits.entries),
    ]);
    if (subject !== null && counted) desk.audit.note({ kind: 'LOGIN', request, at: desk.now(), subject, method, outcome });
  }
  return { kind: 'REFUSED', code };
}

/** Whether this person may log in at all: not after her death, and not once her records here are closed. */
export async function mayLogIn({ subjects }: LoginDesk, nid: Nid): Promise<boolean> {
  // A read for everybody, so that all take as long.
  const subject = await subjects.read((await subjects.find(nid)) ?? '');
  return subject === null || subject.state === 'ACTIVE' || subject.state === 'FROZEN';
}
