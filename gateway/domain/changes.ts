import type { Contract } from '../../schema/contract.ts';
import type { ErrorCode } from '../../schema/errors.ts';
import { difference, isEmpty, isWithin, union, type FieldSet } from '../../schema/fieldSet.ts';
import type { Consent, ConsentEvent, IdentityProof, Statement } from './consent.ts';
import { isOpenable, leafAt } from './registration.ts';
import { isUsedUp } from './use.ts';

/**
 * What became of a wish to change a consent: the next document, the same one (asked for what is so already), or an expected refusal.
 * The store writes `next` only over the version it was made from.
 */
export type Change =
  | { readonly kind: 'CHANGED'; readonly next: Consent }
  | { readonly kind: 'UNCHANGED' }
  | { readonly kind: 'REFUSED'; readonly code: ErrorCode; readonly detail?: string };

const UNCHANGED: Change = { kind: 'UNCHANGED' };

export function refused(code: ErrorCode, detail?: string): Change {
  return { kind: 'REFUSED', code, ...(detail === undefined ? {} : { detail }) };
}

/** Every field that a consent's statements name. */
export function agreedFields(consent: Pick<Consent, 'statements'>): FieldSet {
  return consent.statements.reduce<FieldSet>((all, { fields }) => union(all, fields), {});
}

/** Changes that a person may repeat without end, and the most that one consent takes of them: its document must not grow for ever. */
const AMENDING: ReadonlySet<ConsentEvent['kind']> = new Set(['NARROWED', 'SHORTENED', 'STEPPED_UP']);
const MOST_CHANGES = 500;

/** The consent after one change, with its event in history and outbox. A change of somebody's request names that request. */
export function withEvent(consent: Consent, kind: ConsentEvent['kind'], at: number, members: Partial<Consent>, request?: string): Change {
  if (AMENDING.has(kind) && consent.history.length >= MOST_CHANGES) return refused('TOO_MANY_REQUESTS', kind);
  const version = consent.version + 1;
  const changed: Consent = { ...consent, ...members, version };
  const event: ConsentEvent = { kind, version, at };
  const published: ConsentEvent = { ...event, fields: agreedFields(changed), ...(request === undefined ? {} : { request }) };
  return { kind: 'CHANGED', next: { ...changed, history: [...consent.history, event], outbox: [...consent.outbox, published] } };
}

/** States in which a consent still is, or may be again, something that opens data. */
const LIVING: ReadonlySet<Consent['state']> = new Set(['ACTIVE', 'SUSPENDED']);

/** Who wants it, when, and under which request id. */
export interface Wish {
  /** DataSubject.id of the person logged in. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly request?: string;
}

/** A foreign consent is an unknown one. */
const isHers = (consent: Consent, { subject }: Wish): boolean => consent.subject !== null && consent.subject === subject;

/**
 * The citizen has logged in to a request: from now on it is hers, and nobody else's (a request is known by its id alone until then). Her proof
 * is kept for the screen; another method than before is a step-up. That she was asked goes to the audit log only now, when it concerns somebody.
 */
export function bind(consent: Consent, proof: IdentityProof, contract: Contract, wish: Wish): Change {
  if (consent.subject !== null && !isHers(consent, wish)) return refused('CONSENT_UNKNOWN');
  if (consent.state !== 'REQUESTED' || wish.now >= consent.notAfter) return refused('CONSENT_STATE', consent.state);
  if (consent.subject === null) {
    const asked = consent.history.map((event): ConsentEvent => ({
      ...event,
      fields: {},
      ...(wish.request === undefined ? {} : { request: wish.request }),
    }));
    return { kind: 'CHANGED', next: { ...consent, subject: wish.subject, proofs: [proof], version: consent.version + 1, outbox: asked } };
  }
  const before = consent.proofs?.find(({ method }) => method === proof.method);
  if (before === undefined) return stepUp(consent, proof, contract, wish);
  if (before.authTime >= proof.authTime) return UNCHANGED;
  const proofs = [...(consent.proofs ?? []).filter((other) => other !== before), proof];
  return { kind: 'CHANGED', next: { ...consent, proofs, version: consent.version + 1 } };
}

/** The citizen says no to a request. Saying it twice is no error. */
export function decline(consent: Consent, wish: Wish): Change {
  if (!isHers(consent, wish)) return refused('CONSENT_UNKNOWN');
  if (consent.state === 'DECLINED') return UNCHANGED;
  if (consent.state !== 'REQUESTED') return refused('CONSENT_STATE', consent.state);
  return withEvent(consent, 'DECLINED', wish.now, { state: 'DECLINED' }, wish.request);
}

/** Withdraws. What opens nothing any more (ended, used up, withdrawn) stays as it is; a request is declined instead. */
export function withdraw(consent: Consent, wish: Wish): Change {
  if (!isHers(consent, wish)) return refused('CONSENT_UNKNOWN');
  if (consent.state === 'REQUESTED') return decline(consent, wish);
  if (!LIVING.has(consent.state)) return UNCHANGED;
  return withEvent(consent, 'WITHDRAWN', wish.now, { state: 'WITHDRAWN' }, wish.request);
}

/** Takes fields out, of every statement; the last one taken out withdraws. Fields that are not in it are no error. */
export function narrow(consent: Consent, drop: FieldSet, wish: Wish): Change {
  if (!isHers(consent, wish)) return refused('CONSENT_UNKNOWN');
  if (!LIVING.has(consent.state) || wish.now >= consent.notAfter) return refused('CONSENT_STATE', consent.state);
  const statements = consent.statements
    .map((statement): Statement => ({ ...statement, fields: difference(statement.fields, drop) }))
    .filter(({ fields }) => !isEmpty(fields));
  if (statements.length === 0) return withdraw(consent, wish);
  if (isWithin(agreedFields(consent), agreedFields({ statements }))) return UNCHANGED;
  return withEvent(consent, 'NARROWED', wish.now, { statements }, wish.request);
}

/** Lets it end earlier: at `notAfter`, exclusive, in milliseconds since the epoch. */
export function shorten(consent: Consent, notAfter: number, wish: Wish): Change {
  if (!isHers(consent, wish)) return refused('CONSENT_UNKNOWN');
  if (!LIVING.has(consent.state) || wish.now >= consent.notAfter) return refused('CONSENT_STATE', consent.state);
  if (!Number.isSafeInteger(notAfter)) return refused('REQUEST_MALFORMED', 'notAfter');
  if (notAfter > consent.notAfter) return refused('CONSENT_WIDENS', 'notAfter');
  if (notAfter === consent.notAfter) return UNCHANGED;
  return withEvent(consent, 'SHORTENED', wish.now, { notAfter }, wish.request);
}

/**
 * Adds a proof of identity. To a request: the screen opens what it can. To an active consent: fields whose own proof the dataset no longer
 * takes move to a statement with the new one. It never adds a field.
 */
export function stepUp(consent: Consent, proof: IdentityProof, contract: Contract, wish: Wish): Change {
  if (!isHers(consent, wish)) return refused('CONSENT_UNKNOWN');
  if (wish.now >= consent.notAfter) return refused('CONSENT_STATE', 'EXPIRED');
  const proofs = [...(consent.proofs ?? []).filter(({ method }) => method !== proof.method), proof];
  if (consent.state === 'REQUESTED') return withEvent(consent, 'STEPPED_UP', wish.now, { proofs }, wish.request);
  if (consent.state !== 'ACTIVE') return refused('CONSENT_STATE', consent.state);
  const statements = consent.statements.flatMap((statement) => {
    const moved = needing(statement, proof, contract);
    if (isEmpty(moved)) return [statement];
    const kept = difference(statement.fields, moved);
    return [...(isEmpty(kept) ? [] : [{ ...statement, fields: kept }]), { ...statement, proof, fields: moved }];
  });
  return withEvent(consent, 'STEPPED_UP', wish.now, { proofs, statements }, wish.request);
}

/** The fields of a statement that its own proof does not open today, and this one does. */
function needing(statement: Statement, proof: IdentityProof, contract: Contract): FieldSet {
  const opens = (dataset: string, path: string, by: IdentityProof): boolean => {
    const leaf = leafAt(contract, dataset, path);
    return leaf !== undefined && isOpenable(leaf, [by]);
  };
  const entries = Object.entries(statement.fields).map(([dataset, paths]) => {
    return [dataset, paths.filter((path) => !opens(dataset, path, statement.proof) && opens(dataset, path, proof))] as const;
  });
  return Object.fromEntries(entries.filter(([, paths]) => paths.length > 0));
}

/** Its time is over, for a request as for a consent. */
export function expire(consent: Consent, now: number): Change {
  const canEnd = consent.state === 'REQUESTED' || LIVING.has(consent.state);
  return canEnd && now >= consent.notAfter ? withEvent(consent, 'EXPIRED', now, { state: 'EXPIRED' }) : UNCHANGED;
}

/** Its cap is reached and no use can be repeated any more. */
export function useUp(consent: Consent, now: number): Change {
  return consent.state === 'ACTIVE' && isUsedUp(consent, now) ? withEvent(consent, 'USED_UP', now, { state: 'USED_UP' }) : UNCHANGED;
}

/** A newer consent of the same subject for the same service covers all of this one and more: it takes its place. */
export function supersede(consent: Consent, newer: Consent, now: number): Change {
  const isSame = consent.subject === newer.subject && consent.client === newer.client && consent.service.id === newer.service.id;
  const isOlder =
    consent._id !== newer._id && consent.state === 'ACTIVE' && newer.state === 'ACTIVE' && consent.notBefore <= newer.notBefore;
  const isCovered = isWithin(agreedFields(consent), agreedFields(newer)) && consent.mode === 'PERIOD' && newer.mode === 'PERIOD';
  return isSame && isOlder && isCovered ? withEvent(consent, 'SUPERSEDED', now, { state: 'SUPERSEDED' }) : UNCHANGED;
}
