import type { Connection } from 'mongoose';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { Contract } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { bind, decline, narrow, shorten, stepUp, supersede, withdraw, type Change, type Wish } from '../domain/changes.ts';
import type { Clock, RandomId } from '../domain/clock.ts';
import type { Consent, ConsentEvent, IdentityProof, Service } from '../domain/consent.ts';
import { grant, type Agreement } from '../domain/grant.ts';
import { receipt, type SignReceipt } from '../domain/receipt.ts';
import { screenHash, screenModel, type ScreenModel } from '../domain/screenModel.ts';
import { validateDetails, type Refused, type ValidRequest } from './authorizationDetails.ts';
import { changeConsent, readConsent, type Changed } from './changeConsent.ts';
import { consentModel, toStored } from './consentModel.ts';
import { listConsents, type ConsentList } from './listConsents.ts';
import { orUnavailable } from './orUnavailable.ts';
import { outboxOf, type Outbox, type PublishChange } from './outbox.ts';
import { requestedConsent } from './requestedConsent.ts';
import { screenRecordModel, type ScreenRecord } from './screenRecord.ts';
import { openServiceRegistry, type ServiceRegistry } from './serviceRegistry.ts';
import { sweepOf, type Sweep } from './sweep.ts';
import { rememberCaps, takesUses, type TakeUse } from './takeUse.ts';

export interface ConsentsOptions {
  /** The database `hub`. */
  readonly connection: Connection;
  /** Today's contract: a supergraph may change while the hub runs. */
  readonly contract: () => Contract;
  readonly now: Clock;
  readonly randomId: RandomId;
  /** `AuditLog.publishConsentChange`. */
  readonly publish: PublishChange;
  readonly signReceipt: SignReceipt;
  /** The hub's issuer URL, and where a citizen manages her consents; both stand in receipts. */
  readonly issuer: string;
  readonly manageAt: string;
  /** For the operator: a background write failed and will be tried again. Says nothing of a person. */
  readonly alarm?: (sentence: string, cause?: unknown) => void;
}

/** Who does something to a consent, in a request of which id. */
export interface Actor {
  readonly consentId: string;
  /** DataSubject.id of the person logged in. A foreign consent is an unknown one. */
  readonly subject: string;
  readonly request?: string;
}

export interface Shown {
  readonly kind: 'SHOWN';
  readonly model: ScreenModel;
  /** To be given back with the agreement: it is agreed to this screen and no other. */
  readonly hash: string;
}

type Answer = Promise<Changed | Refused>;
type Proving = Actor & { readonly proof: IdentityProof };

/** The consents of this hub: each one document, changed only by conditional updates of that document (docs/contract.md §3). */
export interface Consents extends Sweep, ConsentList {
  readonly services: ServiceRegistry;
  /** Whether a request is within its service's registration; refused before any citizen sees it. */
  validateRequest(client: string, authorizationDetails: unknown): Promise<ValidRequest | Refused>;
  /** Validates, and keeps the request; it waits an hour for an answer. */
  request(client: string, authorizationDetails: unknown): Promise<Refused | { readonly kind: 'REQUESTED'; readonly consent: Consent }>;
  /** What the citizen is to see. The first to log in to a request owns it. */
  screen(input: Proving & { readonly language: 'zh-TW' | 'en' }): Promise<Shown | Refused>;
  /** Resolves when the grant's event is in the audit log; rejects (AUDIT_UNAVAILABLE) when it is not: then the consent opens nothing yet. */
  grant(input: Proving & Omit<Agreement, 'screen'> & { readonly screenHash: string }): Answer;
  decline(input: Actor): Answer;
  stepUp(input: Proving): Answer;
  /** Resolves when the withdrawal is durable: no release that starts later holds a field. Its audit entry follows. */
  withdraw(input: Actor): Answer;
  narrow(input: Actor & { readonly drop: FieldSet }): Answer;
  shorten(input: Actor & { readonly notAfter: number }): Answer;
  takeUse: TakeUse;
  /** The live consent for a decision, or null. Throws UNAVAILABLE: a read that fails refuses. */
  read(id: string): Promise<Consent | null>;
  /** Signed receipt of a consent that was given; null: hers is no such consent. */
  receipt(consentId: string, subject: string): Promise<string | null>;
  /** The stored screen that a consent names; null: none. */
  shownScreen(hash: string): Promise<ScreenRecord | null>;
  publishOutbox(): Promise<number>;
  /** Waits for what runs in the background. */
  close(): Promise<void>;
}

/** Changes that open something: answered only when they are in the audit log. */
const OPENING: ReadonlySet<ConsentEvent['kind']> = new Set(['GRANTED', 'STEPPED_UP']);

/** Opens the consents and the service registry on the `hub` connection. */
export async function openConsents(options: ConsentsOptions): Promise<Consents> {
  const { connection, contract, now, randomId, publish, signReceipt, issuer, manageAt, alarm = () => undefined } = options;
  const model = consentModel(connection);
  const screens = screenRecordModel(connection);
  await Promise.all([model.init(), screens.init()]);
  const services = await openServiceRegistry(connection, contract);
  const caps = rememberCaps();
  const outbox: Outbox = outboxOf(model, publish, randomId);
  const background = new Set<Promise<void>>();

  const later = (work: Promise<unknown>): void => {
    const task = work.then(
      () => undefined,
      (cause: unknown) => alarm('A consent’s event could not be published; it stays in the outbox and is tried again.', cause),
    );
    background.add(task);
    void task.finally(() => background.delete(task));
  };
  const wishOf = ({ subject, request }: Actor): Wish => ({
    subject: String(subject),
    now: now(),
    ...(request === undefined ? {} : { request }),
  });

  /** Changes and publishes: before answering where the change opens something, afterwards where it closes something. */
  async function change(input: Actor, wish: (consent: Consent, of: Wish) => Change): Answer {
    const result = await changeConsent(model, input.consentId, (consent) => wish(consent, wishOf(input)));
    if (result.kind === 'REFUSED' || !result.changed) return result;
    const event = result.consent.history.at(-1);
    if (event?.version !== result.consent.version || !OPENING.has(event.kind)) {
      later(outbox.publish(input.consentId));
      return result;
    }
    await outbox.publish(input.consentId);
    return { ...result, consent: { ...result.consent, outbox: [] } };
  }

  /** The request's service, while it may still be agreed to. */
  async function serviceOf(consent: Consent): Promise<Service | null> {
    const service = await services.read(consent.service.id);
    return service?.state === 'LIVE' && service.provider === consent.provider && service.clients.includes(consent.client) ? service : null;
  }

  const suspended: Refused = { kind: 'REFUSED', code: 'SERVICE_SUSPENDED' };
  const outdated: Refused = { kind: 'REFUSED', code: 'CONSENT_STATE', detail: 'another screen' };

  async function supersedeOlder(newer: Consent): Promise<void> {
    const older: Record<string, unknown> = {
      subject: newer.subject,
      client: newer.client,
      'service.id': newer.service.id,
      state: 'ACTIVE',
      _id: { $ne: newer._id },
    };
    for (const { _id } of await model.find(older, { _id: 1 }).read('primary').lean<{ _id: string }[]>()) {
      const result = await changeConsent(model, _id, (consent) => supersede(consent, newer, now()));
      if (result.kind === 'CHANGED' && result.changed) await outbox.publish(_id);
    }
  }

  return {
    services,
    ...sweepOf(model, screens, now),
    ...listConsents(model),
    validateRequest: (client, details) => validateDetails(client, details, { readService: services.read, contract: contract() }),

    async request(client, authorizationDetails) {
      const valid = await validateDetails(client, authorizationDetails, { readService: services.read, contract: contract() });
      if (valid.kind === 'REFUSED') return valid;
      const consent = requestedConsent(valid, client, randomId(), now());
      await orUnavailable('request', model.insertMany([{ ...toStored(consent), uses: [] }]));
      return { kind: 'REQUESTED', consent };
    },

    async screen(input) {
      const bound = await change(input, (consent, wish) => bind(consent, input.proof, contract(), wish));
      if (bound.kind === 'REFUSED') return bound;
      const service = await serviceOf(bound.consent);
      if (service === null) return suspended;
      const shown = screenModel({ consent: bound.consent, service, contract: contract(), language: input.language });
      const hash = screenHash(shown);
      const record = { v: 1 as const, consent: bound.consent._id, model: canonicalJson(shown), language: input.language, at: now() };
      await orUnavailable('screen', screens.updateOne({ _id: hash }, { $setOnInsert: record }, { upsert: true }).exec());
      return { kind: 'SHOWN', model: shown, hash };
    },

    async grant({ screenHash: hash, agreed, acts, duration, ...input }) {
      const record = await screens
        .findOne({ _id: String(hash) })
        .read('primary')
        .lean<ScreenRecord | null>();
      const before = await readConsent(model, input.consentId);
      if (before === null || before.subject !== input.subject) return { kind: 'REFUSED', code: 'CONSENT_UNKNOWN' };
      const service = await serviceOf(before);
      if (service === null) return suspended;
      if (record === null || record.consent !== before._id) return outdated;
      const result = await change(input, (consent, wish) => {
        // What she saw must be what would be shown now: the same fields, service, contract and proofs.
        const today = screenModel({ consent, service, contract: contract(), language: record.language });
        if (consent.state === 'REQUESTED' && screenHash(today) !== hash) return outdated;
        return grant(consent, { agreement: { agreed, acts, duration, screen: hash }, service, contract: contract() }, wish);
      });
      if (result.kind === 'CHANGED' && result.changed) later(supersedeOlder(result.consent));
      return result;
    },

    decline: (input) => change(input, decline),
    withdraw: (input) => change(input, withdraw),
    stepUp: (input) => change(input, (consent, wish) => stepUp(consent, input.proof, contract(), wish)),
    narrow: (input) => change(input, (consent, wish) => narrow(consent, input.drop, wish)),
    shorten: (input) => change(input, (consent, wish) => shorten(consent, input.notAfter, wish)),
    takeUse: takesUses(model, caps),

    async read(id) {
      const consent = await readConsent(model, id);
      if (consent?.state === 'ACTIVE') caps.set(consent._id, { cap: consent.maxUses });
      return consent;
    },

    async receipt(consentId, subject) {
      const consent = await readConsent(model, consentId);
      if (consent === null || consent.subject !== subject || consent.screen === null) return null;
      const service = await services.read(consent.service.id);
      if (service === null) return null;
      // A pseudonym for this one consent: two receipts cannot be joined by it.
      const pseudonym = sha256(`receipt\0${consent._id}\0${subject}`);
      return signReceipt(receipt({ consent, service, contract: contract(), issuer, manageAt, subject: pseudonym, now: now() }));
    },

    shownScreen: (hash) =>
      screens
        .findOne({ _id: String(hash) })
        .lean<ScreenRecord | null>()
        .exec(),
    publishOutbox: () => outbox.publishAll(),
    async close() {
      while (background.size > 0) await Promise.all(background);
    },
  };
}
