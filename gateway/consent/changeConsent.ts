import { freshReads } from '../../store/freshRead.ts';
import type { Change } from '../domain/changes.ts';
import type { Consent } from '../domain/consent.ts';
import type { Refused } from './authorizationDetails.ts';
import { fromStored, toStored, type ConsentModel, type StoredConsent } from './consentModel.ts';
import { orUnavailable } from './orUnavailable.ts';

/** A consent after a change; `changed` is false when it was so already. */
export interface Changed {
  readonly kind: 'CHANGED';
  readonly consent: Consent;
  readonly changed: boolean;
}

/** Each lost race is one change of somebody else's: more than this many in a row is not life. */
const MOST_RACES = 100;

/** Memory for consents, where they may be held: about two thousand. */
const HELD_BYTES = 24 * 1024 * 1024;

/** The consent as of now, or null. Throws UNAVAILABLE when that cannot be read in time: then nothing may be decided on it. */
export const readConsent = freshReads<StoredConsent, Consent>(fromStored, HELD_BYTES);

/**
 * Changes a consent by one conditional update over the very version that `wish` was decided on, its event in the same update. Who loses a race
 * decides again on what the winner left. Resolves when the write is durable; an unknown result throws, and is not an acknowledgement.
 */
export async function changeConsent(model: ConsentModel, id: string, wish: (consent: Consent) => Change): Promise<Changed | Refused> {
  for (let race = 0; race < MOST_RACES; race++) {
    const consent = await readConsent(model, id);
    if (consent === null) return { kind: 'REFUSED', code: 'CONSENT_UNKNOWN' };
    const change = wish(consent);
    if (change.kind === 'REFUSED') return change;
    if (change.kind === 'UNCHANGED') return { kind: 'CHANGED', consent, changed: false };
    const { _id, ...members } = toStored(change.next);
    const write = model.updateOne({ _id, version: consent.version, state: consent.state }, { $set: members }).exec();
    const result = await orUnavailable('consent', write);
    if (result.matchedCount === 1) return { kind: 'CHANGED', consent: change.next, changed: true };
  }
  return { kind: 'REFUSED', code: 'CONSENT_STATE', detail: 'too many changes at once' };
}
