import { expire, useUp, type Change } from '../domain/changes.ts';
import type { Consent } from '../domain/consent.ts';
import { changeConsent } from './changeConsent.ts';
import type { ConsentModel } from './consentModel.ts';
import type { ScreenRecordModel } from './screenRecord.ts';

/** Expiry is checked at every read; the sweep only makes it visible, and keeps the store from growing. */
export interface Sweep {
  /** Marks what has ended (EXPIRED, USED_UP) and takes away requests that nobody logged in to; how many consents changed. */
  sweepExpired(): Promise<number>;
  /** Retention: takes away consents that ended before this time (milliseconds since the epoch), with their screens; how many. */
  erase(endedBefore: number): Promise<number>;
}

const PAGE = 200;
const ENDED: readonly Consent['state'][] = ['DECLINED', 'WITHDRAWN', 'EXPIRED', 'USED_UP', 'SUPERSEDED'];

export function sweepOf(model: ConsentModel, screens: ScreenRecordModel, now: () => number): Sweep {
  async function ids(filter: Record<string, unknown>): Promise<string[]> {
    const found = await model.find(filter, { _id: 1 }).sort({ _id: 1 }).limit(PAGE).lean<{ _id: string }[]>();
    return found.map(({ _id }) => _id);
  }

  /** Page by page: who was looked at is behind us, changed or not. */
  async function each(filter: Record<string, unknown>, change: (consent: Consent) => Change): Promise<number> {
    let changed = 0;
    let after = '';
    for (;;) {
      const page = await ids({ ...filter, _id: { $gt: after } });
      for (const id of page) {
        const result = await changeConsent(model, id, change);
        if (result.kind === 'CHANGED' && result.changed) changed++;
      }
      after = page.at(-1) ?? '';
      if (page.length < PAGE) return changed;
    }
  }

  return {
    async sweepExpired() {
      const time = now();
      await model.deleteMany({ state: 'REQUESTED', subject: null, notAfter: { $lte: time } });
      const over = { state: { $in: ['REQUESTED', 'ACTIVE', 'SUSPENDED'] }, notAfter: { $lte: time } };
      const expired = await each(over, (consent) => expire(consent, time));
      const usedUp = await each({ state: 'ACTIVE', 'uses.0': { $exists: true } }, (consent) => useUp(consent, time));
      return expired + usedUp;
    },
    async erase(endedBefore) {
      let erased = 0;
      for (;;) {
        // Nothing leaves before its events are in the audit log.
        const page = await ids({ state: { $in: ENDED }, notAfter: { $lt: endedBefore }, 'outbox.0': { $exists: false } });
        if (page.length === 0) return erased;
        await screens.deleteMany({ consent: { $in: page } });
        erased += (await model.deleteMany({ _id: { $in: page } })).deletedCount;
      }
    },
  };
}
