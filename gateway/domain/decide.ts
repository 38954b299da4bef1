import { LRUCache } from 'lru-cache';
import type { Contract } from '../../schema/contract.ts';
import { hasField, type FieldSet } from '../../schema/fieldSet.ts';
import { acrValuesOf } from './assurance.ts';
import type { Caller } from './caller.ts';
import type { Consent, ConsentEvent, Service, SubjectStanding } from './consent.ts';
import type { Disclosure, Refusal, RefusalReason } from './disclosure.ts';
import { fieldVerdicts } from './fieldVerdicts.ts';
import { isOpenable, isRegistered, leafAt, statementCovers } from './registration.ts';

export interface DecisionInput {
  /** The consent that the caller's token names, read live; null: none, or none usable. */
  readonly consent: Consent | null;
  /** The consent's service as registered today; null: no longer registered. */
  readonly service: Service | null;
  /** The data subject as known today; null: unknown. */
  readonly subject: SubjectStanding | null;
  readonly caller: Caller;
  readonly contract: Contract;
  /** Every field that the operation would reveal, in normal form. */
  readonly asked: FieldSet;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Memory for decisions that were made; each counts with its fields, about. */
const HELD_BYTES = 8 * 1024 * 1024;
const BYTES_AT_LEAST = 600;
/** A unit of the verdicts stands for seven fields, and each field for its place in a list. */
const BYTES_PER_UNIT = 200;

const held = new LRUCache<string, Disclosure>({ maxSize: HELD_BYTES });

/**
 * What may leave the hub (docs/contract.md §2, §3): the one decision behind online, counter and download. Refusal beats grant beats
 * silence: a consent that is foreign, withdrawn, ended, used up or suspended opens nothing; a field nobody agreed to is not open.
 * `permitted` and the refusals' fields together are exactly `asked`, whatever it names: a dataset or field that nobody offers is refused.
 *
 * A cap on uses is not decided here but by taking the use (`takeUse`): the same use may repeat, and only the store can count.
 *
 * Whether anything is open is decided anew each time. Which fields are is the same wherever the verdict on each is: that is held, of nobody in
 * particular, and found by the verdicts (fieldVerdicts.ts). The function stays pure: the same input has the same result.
 */
export function decide(input: DecisionInput): Disclosure {
  const whole = wholeRefusal(input);
  const { consent, service, contract, asked } = input;
  if (whole !== null || consent === null || service === null) return decideFields(input, whole);
  const verdicts = fieldVerdicts({ consent, service, contract, asked });
  if (verdicts === null) return decideFields(input, null);
  let disclosure = held.get(verdicts);
  if (disclosure === undefined) {
    disclosure = decideFields(input, null);
    held.set(verdicts, disclosure, { size: BYTES_AT_LEAST + BYTES_PER_UNIT * verdicts.length });
  }
  return disclosure;
}

function decideFields(input: DecisionInput, whole: RefusalReason | null): Disclosure {
  const permitted: [string, readonly string[]][] = [];
  const refusals: Refusal[] = [];
  for (const [dataset, paths] of Object.entries(input.asked)) {
    const open: string[] = [];
    const closed = new Map<string, { reason: RefusalReason; acrValues?: readonly string[]; fields: string[] }>();
    for (const path of paths) {
      const refusal = whole === null ? fieldRefusal(input, dataset, path) : { reason: whole };
      if (refusal === null) {
        open.push(path);
        continue;
      }
      const key = [refusal.reason, ...(refusal.acrValues ?? [])].join(' ');
      const group = closed.get(key);
      if (group === undefined) closed.set(key, { ...refusal, fields: [path] });
      else group.fields.push(path);
    }
    if (open.length > 0) permitted.push([dataset, Object.freeze(open)]);
    for (const [, group] of [...closed].sort(([a], [b]) => (a < b ? -1 : 1)))
      refusals.push(Object.freeze({ dataset, ...group, fields: Object.freeze(group.fields) }));
  }
  return Object.freeze({ permitted: Object.freeze(Object.fromEntries(permitted)), refusals: Object.freeze(refusals) });
}

/** Changes that open something: what they open stays shut until they are in the audit log (promise 2: no record, no data). */
const OPENING: ReadonlySet<ConsentEvent['kind']> = new Set(['GRANTED', 'STEPPED_UP', 'RESUMED']);

/** Why nothing at all is open, or null. A foreign consent's state is nobody's business: it reads as none. */
function wholeRefusal({ consent, service, subject, caller, now }: DecisionInput): RefusalReason | null {
  if (caller.kind !== 'RELYING_PARTY' || consent === null || consent._id !== caller.consent) return 'NOT_CONSENTED';
  if (consent.client !== caller.client || consent.subject === null || consent.subject !== caller.subject) return 'NOT_CONSENTED';
  if (consent.state === 'WITHDRAWN' || consent.state === 'USED_UP') return consent.state;
  if (consent.state === 'REQUESTED' || consent.state === 'DECLINED' || consent.state === 'SUPERSEDED') return 'NOT_CONSENTED';
  if (consent.state === 'EXPIRED' || now >= consent.notAfter) return 'EXPIRED';
  if (now < consent.notBefore) return 'NOT_CONSENTED';
  if (consent.state !== 'ACTIVE' || consent.outbox.some(({ kind }) => OPENING.has(kind))) return 'SUSPENDED';
  if (service === null || service.state !== 'LIVE' || subject === null || subject.state !== 'ACTIVE') return 'SUSPENDED';
  // Given to somebody else: the service has changed hands, or is no longer this client's.
  if (service._id !== consent.service.id || service.provider !== consent.provider || !service.clients.includes(consent.client))
    return 'NOT_CONSENTED';
  return null;
}

/** Why one field of a live consent is closed, or null: it is open. */
function fieldRefusal(
  { consent, service, contract }: DecisionInput,
  dataset: string,
  path: string,
): { reason: RefusalReason; acrValues?: readonly string[] } | null {
  const leaf = leafAt(contract, dataset, path);
  if (consent === null || service === null || leaf === undefined || !isRegistered(service, leaf)) return { reason: 'NOT_CONSENTED' };
  const statements = consent.statements.filter(({ kind, fields }) => hasField(fields, dataset, path) && statementCovers(kind, leaf));
  if (statements.some(({ proof }) => leaf.methods.includes(proof.method))) return null;
  // Agreed with a proof that the dataset does not take (any more), or asked but closed on the screen for want of a proof: a step-up opens the way.
  const proofs = [...(consent.proofs ?? []), ...consent.statements.map(({ proof }) => proof)];
  const wanting = statements.length > 0 || (hasField(consent.requested?.fields ?? {}, dataset, path) && !isOpenable(leaf, proofs));
  return wanting ? { reason: 'ASSURANCE_TOO_LOW', acrValues: acrValuesOf(leaf.methods) } : { reason: 'NOT_CONSENTED' };
}
