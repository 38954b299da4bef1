import type { Connection } from 'mongoose';
import { eraseBodies } from './audit/eraseBodies.ts';
import type { Keep } from './configuration.ts';
import type { AuditBody } from './domain/auditEntry.ts';
import type { Clock, RandomId } from './domain/clock.ts';
import type { Sweep } from './consent/sweep.ts';

const DAY = 86_400_000;
const LOGINS: ReadonlySet<AuditBody['kind']> = new Set(['LOGIN', 'CHECK']);

export interface RetentionOptions {
  readonly keep: Keep;
  readonly consents: Pick<Sweep, 'erase'>;
  /** The database `audit`. */
  readonly connection: Connection;
  /** `AuditLog.append`: an erasure is recorded before it happens. */
  readonly append: (body: AuditBody) => Promise<void>;
  readonly now: Clock;
  readonly randomId: RandomId;
  readonly signal: AbortSignal;
}

/**
 * What takes away, at most once a day however often it is called, what has been kept long enough. The first call looks through the whole log,
 * each later one at what a day has added. Several gateways may do it at the same time: what one has taken away the others do not find.
 */
export function dailyErasure({ keep, consents, connection, append, now, randomId, signal }: RetentionOptions): () => Promise<void> {
  let last = -Infinity;
  let busy = false;
  const rules = [
    { days: keep.disclosures, over: ({ kind }: AuditBody) => !LOGINS.has(kind), from: 0 },
    { days: keep.logins, over: ({ kind }: AuditBody) => LOGINS.has(kind), from: 0 },
  ];
  async function erase(time: number): Promise<void> {
    await consents.erase(time - keep.consents * DAY);
    for (const rule of rules) {
      const before = Math.max(0, time - rule.days * DAY);
      const reason = `kept for ${rule.days} days`;
      await eraseBodies({ connection, append, now, randomId }, { reason, over: rule.over, from: rule.from, before, signal });
      if (!signal.aborted) rule.from = before;
    }
  }
  return async () => {
    const time = now();
    if (busy || time - last < DAY) return;
    busy = true;
    try {
      await erase(time);
      last = time;
    } finally {
      busy = false;
    }
  };
}
