import type { Contract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { DisclosureIntent } from '../domain/auditEntry.ts';
import type { Caller } from '../domain/caller.ts';
import type { Consent, Service } from '../domain/consent.ts';
import type { Refusal } from '../domain/disclosure.ts';
import type { Hub, LiveSubject } from './hub.ts';
import type { Warranted } from './warrants.ts';

/** What a decision is made from, read with each request. */
export interface Live {
  readonly contract: Contract;
  readonly consent: Consent | null;
  readonly service: Service | null;
  readonly subject: LiveSubject | null;
}

/** The decision with what it was made from. */
export interface Decision extends Live {
  readonly permitted: FieldSet;
  readonly refusals: readonly Refusal[];
}

interface Recorded {
  readonly request: string;
  readonly caller: Caller;
  readonly compiled: { readonly documentHash: string };
}

type Recorder = Pick<Hub, 'now' | 'audit'>;

/**
 * Step 10. No entry, no data: resolves when the intent is durable, with the digest of every warrant; throws AUDIT_UNAVAILABLE. An operation
 * that asks no agency has no intent, and what was refused of it folds.
 */
export async function record(
  hub: Recorder,
  recorded: Recorded,
  decision: Decision,
  released: FieldSet,
  warrants: readonly Warranted[],
): Promise<void> {
  if (warrants.length === 0) return recordRefusal(hub, recorded, decision);
  const asker = askerOf(hub, recorded, decision);
  if (asker === null) throw new HubError('PLAN_OUTSIDE_CONSENT', 'a warrant without a consent.');
  const digests = warrants.map(({ claims, digest }) => ({ agency: claims.aud, digest }));
  const intent: DisclosureIntent = { kind: 'DISCLOSURE_INTENT', ...asker, channel: 'ONLINE', permitted: released, warrants: digests };
  try {
    await hub.audit.append(intent);
  } catch (cause) {
    throw new HubError('AUDIT_UNAVAILABLE', undefined, { cause });
  }
}

/** What was refused, where nothing was released. */
export function recordRefusal(hub: Recorder, recorded: Recorded, decision: Decision): void {
  const asker = askerOf(hub, recorded, decision);
  if (asker !== null && decision.refusals.length > 0) hub.audit.refuse({ kind: 'REFUSAL', ...asker, count: 1 });
}

/** What an entry says of who asked; null when there is no consent, hence no provider who could be named. */
function askerOf(hub: Recorder, { request, caller, compiled }: Recorded, { consent, refusals }: Decision) {
  if (consent === null) return null;
  return {
    request,
    at: hub.now(),
    subject: caller.subject,
    client: caller.client,
    provider: consent.provider,
    service: consent.service.id,
    purpose: consent.purpose.code,
    consent: consent._id,
    consentVersion: consent.version,
    documentHash: compiled.documentHash,
    refused: refusals.map(({ dataset, fields, reason }) => ({ dataset, fields, reason })),
  };
}
