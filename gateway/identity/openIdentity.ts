import type { Connection } from 'mongoose';
import { HubError } from '../../schema/errors.ts';
import type { Clock, RandomId } from '../domain/clock.ts';
import type { IdentityProof, SubjectStanding } from '../domain/consent.ts';
import { citizenCertificate } from './citizenCertificate.ts';
import { openCitizenSessions, type CitizenSessions } from './citizenSessions.ts';
import type { IdentityMethod, Nid, Proved } from './identityMethod.ts';
import { openLoginAttempts } from './loginAttempts.ts';
import { DEFAULT_LIMITS, mayLogIn, type LoginAudit, type LoginDesk, type LoginLimits, type LoginLog } from './loginDesk.ts';
import { multiFactor, type RegisterCheck } from './multiFactor.ts';
import { otpSms } from './otpSms.ts';
import { openPhoneBindings } from './phoneBindings.ts';
import { openProofSteps } from './proofSteps.ts';
import type { SmsGateway } from './smsGateway.ts';
import { openSubjects, type Subject } from './subjects.ts';
import type { TrustList } from './trustList.ts';
import { createVault, type IdentityKeys } from './vault.ts';

export interface IdentityOptions {
  /** To the `hub` database. */
  readonly connection: Connection;
  readonly keys: IdentityKeys;
  readonly now: Clock;
  readonly randomId: RandomId;
  readonly randomBytes: (size: number) => Buffer;
  readonly audit: LoginAudit;
  readonly check: RegisterCheck;
  /** Null where no messages can be sent: then neither one-time codes nor the binding of a number are offered. */
  readonly sms: SmsGateway | null;
  readonly trust: TrustList;
  /** Where citizens reach the hub: its host is in every challenge. */
  readonly publicUrl: URL;
  /** Demonstration only: the path of its list of software cards (JSON), `/dev/cards.json`. */
  readonly cardsUrl?: string;
  readonly log?: LoginLog;
  readonly limits?: LoginLimits;
}

export interface Identity {
  /** The ways to prove identity, by id. */
  readonly methods: ReadonlyMap<string, IdentityMethod>;
  /**
   * A proof → its data subject, made at the first one. The login is in the audit log when this resolves; when it cannot be recorded, nobody is
   * logged in. Throws IDENTITY_NOT_PROVED for a subject who may not log in (any more).
   */
  prove(proof: Proved, context: { readonly request: string }): Promise<{ readonly subject: string; readonly proof: IdentityProof }>;
  /** The subject's standing and her key in the registers; null when there is none. Reads the store each time. */
  readSubject(id: string): Promise<Subject | null>;
  /** The subject's id by her key in the registers; null before her first proof. */
  findSubject(nid: Nid): Promise<string | null>;
  /** False when there is no such subject. */
  setSubjectState(id: string, state: SubjectStanding['state']): Promise<boolean>;
  /** The mobile number bound for one-time passwords, for the subject herself. */
  readPhone(subject: string): Promise<string | null>;
  removePhone(subject: string): Promise<void>;
  /** Sessions of the citizen's own client, after her proof. */
  readonly sessions: CitizenSessions;
  /** After a rotation: seals every value under the current key; the number of them. */
  reseal(): Promise<number>;
  /** Deletes what is past its retention. Call it now and then. */
  sweep(): Promise<void>;
}

/** Longest value of a form that is looked at, in characters. */
const LONGEST = 16_384;

/** Opens the room: subjects, bindings and the three identity methods of the first issue. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { connection, now, randomId, randomBytes, audit } = options;
  const vault = createVault(options.keys, randomBytes);
  const [subjects, bindings, steps, attempts, sessions] = await Promise.all([
    openSubjects(connection, vault, randomId),
    openPhoneBindings(connection, vault),
    openProofSteps(connection, vault, randomId, now),
    openLoginAttempts(connection, now),
    openCitizenSessions(connection, { vault, now, randomBytes }),
  ]);
  const { sms, log = () => undefined, limits = DEFAULT_LIMITS } = options;
  const desk: LoginDesk = { steps, attempts, subjects, bindings, vault, sms: sms ?? noMessages, audit, log, limits, now, randomBytes };
  const offers = { binding: sms !== null, cards: options.cardsUrl ?? null };
  const certificate = citizenCertificate(desk, options.trust, options.publicUrl.host, offers);
  const methods = [multiFactor(desk, options.check), ...(sms === null ? [] : [otpSms(desk)]), certificate];

  return {
    methods: new Map(methods.map((method) => [method.id, guarded(method)])),
    async prove({ nid, method, assurance, authTime }, { request }) {
      if (!(await mayLogIn(desk, nid))) throw new HubError('IDENTITY_NOT_PROVED', 'closed');
      const subject = await subjects.enrol(nid);
      await audit.append({ kind: 'LOGIN', request, at: now(), subject, method, outcome: 'PROVED' });
      return { subject, proof: { method, assurance, authTime } };
    },
    readSubject: (id) => subjects.read(id),
    findSubject: (nid) => subjects.find(nid),
    setSubjectState: (id, state) => subjects.setState(id, state),
    readPhone: (subject) => bindings.read(subject),
    removePhone: (subject) => bindings.remove(subject),
    sessions,
    reseal: async () => (await subjects.reseal()) + (await bindings.reseal()),
    async sweep() {
      await steps.sweep(now());
      await attempts.sweep(now());
      await sessions.sweep(now());
    },
  };
}

const noMessages: SmsGateway = { send: () => Promise.reject(new HubError('UNAVAILABLE', 'no SMS gateway')) };

/** Only texts of a sane length reach a method, whatever the form parser made of the body. */
function guarded(method: IdentityMethod): IdentityMethod {
  return {
    ...method,
    async submit(state, form, context) {
      const values: readonly unknown[] = [state, ...Object.values(form)];
      if (values.some((value) => typeof value !== 'string' || value.length > LONGEST)) return { kind: 'REFUSED', code: 'FORM_INVALID' };
      return method.submit(state, { ...form }, context);
    },
  };
}
