import type { AgencyHealth } from '../../../schema/agencyTransport.ts';
import { backoffMs } from './backoff.ts';

/** Calls without an answer, one after the other, that open it. */
const FAILURES = 5;

/** Keeps calls from an agency that does not answer, so that each client learns it at once instead of after a time-out. */
export interface CircuitBreaker {
  /** Whether a call may go out. In HALF_OPEN one did, and its outcome is awaited. */
  readonly allows: (now: number) => boolean;
  /** The agency answered, be it with a refusal. */
  readonly succeeded: () => void;
  /** It gave no usable answer. */
  readonly failed: (now: number) => void;
  /** The caller gave up: it says nothing about the agency. */
  readonly abandoned: (now: number) => void;
  readonly health: () => AgencyHealth;
}

/**
 * CLOSED until five calls in a row fail, then OPEN for a while that doubles each time, half of it by chance (`random` in 0..1), then HALF_OPEN
 * for one call, which closes or opens it. Times in ms of any one clock.
 */
export function circuitBreaker(random: () => number): CircuitBreaker {
  let health: AgencyHealth = { state: 'CLOSED', failures: 0 };
  let openings = 0;
  return {
    allows(now) {
      if (health.state === 'CLOSED') return true;
      if (health.state === 'HALF_OPEN' || now < health.until) return false;
      health = { state: 'HALF_OPEN' };
      return true;
    },
    succeeded() {
      openings = 0;
      if (health.state !== 'CLOSED' || health.failures > 0) health = { state: 'CLOSED', failures: 0 };
    },
    failed(now) {
      // A call from before it opened.
      if (health.state === 'OPEN') return;
      const failures = health.state === 'CLOSED' ? health.failures + 1 : FAILURES;
      if (failures < FAILURES) {
        health = { state: 'CLOSED', failures };
      } else {
        openings += 1;
        health = { state: 'OPEN', until: now + backoffMs(openings, random) };
      }
    },
    abandoned(now) {
      if (health.state === 'HALF_OPEN') health = { state: 'OPEN', until: now };
    },
    health: () => health,
  };
}
