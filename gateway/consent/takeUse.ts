import { LRUCache } from 'lru-cache';
import type { UseKey } from '../domain/use.ts';
import { isRepeat, isSameUse } from '../domain/use.ts';
import { readConsent } from './changeConsent.ts';
import type { ConsentModel } from './consentModel.ts';
import { orUnavailable } from './orUnavailable.ts';

export type TakenUse = 'TAKEN' | 'REPEATED' | 'USED_UP' | 'NOT_ACTIVE';

/** Takes one use of a consent at `now` (milliseconds since the epoch). */
export type TakeUse = (consentId: string, use: UseKey, now: number) => Promise<TakenUse>;

/** Caps of consents, by id: a cap never changes, so that it may be remembered where a consent's state may not. */
export type Caps = LRUCache<string, { readonly cap: number | null }>;

export function rememberCaps(): Caps {
  return new LRUCache({ max: 100_000 });
}

/**
 * Takes a use before anything is disclosed, by one conditional update: active, in time, and a slot free (docs/contract.md §3). The same use may
 * repeat for ten minutes without a new slot. A consent without a cap has no slots: its uses are in the audit log, and nothing is written here.
 */
export function takesUses(model: ConsentModel, caps: Caps): TakeUse {
  /** `again`: how many times the same use was taken before, so that it can be taken once more when its ten minutes are over. */
  async function take(id: string, cap: number, use: UseKey, now: number, again: number): Promise<boolean> {
    const { grant, documentHash, variablesHash } = use;
    const key = [grant, documentHash, variablesHash, again].join(' ');
    const free: Record<string, unknown> = {
      _id: id,
      state: 'ACTIVE',
      notAfter: { $gt: now },
      [`uses.${cap - 1}`]: { $exists: false },
      'uses.key': { $ne: key },
    };
    const write = model.updateOne(free, { $push: { uses: { key, grant, documentHash, variablesHash, at: now } } }).exec();
    const result = await orUnavailable('use', write);
    return result.matchedCount === 1;
  }

  return async (consentId, use, now) => {
    const id = String(consentId);
    const known = caps.get(id);
    if (known?.cap === null) return 'TAKEN';
    if (known !== undefined && (await take(id, known.cap, use, now, 0))) return 'TAKEN';
    for (;;) {
      const consent = await readConsent(model, id);
      if (consent === null || consent.state !== 'ACTIVE' || now >= consent.notAfter)
        return consent?.state === 'USED_UP' ? 'USED_UP' : 'NOT_ACTIVE';
      const cap = consent.maxUses;
      caps.set(id, { cap });
      if (cap === null) return 'TAKEN';
      if (isRepeat(consent.uses, use, now)) return 'REPEATED';
      if (consent.uses.length >= cap) return 'USED_UP';
      if (await take(id, cap, use, now, consent.uses.filter((taken) => isSameUse(taken, use)).length)) return 'TAKEN';
    }
  };
}
