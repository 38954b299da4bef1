import type { AgencyHealth } from '../../../schema/agencyTransport.ts';
import { HubError, type ErrorCode } from '../../../schema/errors.ts';
import { circuitBreaker } from './circuitBreaker.ts';
import { deadlines } from './deadlines.ts';

/** What came of one call. */
export type Outcome<T> =
  | { readonly answer: T }
  /** By the agency, with one of its codes. */
  | { readonly refused: ErrorCode }
  /** No usable answer. */
  | { readonly failed: string; readonly cause?: unknown }
  /** Never sent, or given up by its caller: it says nothing about the agency. */
  | { readonly dropped: string };

/** Sends one call and says what came of it; only the first word counts. Gives back how to give it up. */
export type Send<T> = (settle: (outcome: Outcome<T>) => void) => () => void;

export interface AgencyCallsOptions {
  readonly agency: string;
  /** One call, connection included, whole answer included. */
  readonly timeoutMs: number;
  /** Calls under way at once. */
  readonly maxCalls: number;
  /** A clock that never goes back, ms. Default `performance.now`. */
  readonly now?: () => number;
  /** 0..1. */
  readonly random: () => number;
}

/** All calls to one agency, whatever carries them. */
export interface AgencyCalls {
  /** Rejects with the agency's refusal, or with SOURCE_UNAVAILABLE: no usable answer, none in time, too many calls, left alone, given up. */
  readonly run: <T>(send: Send<T>, signal?: AbortSignal) => Promise<T>;
  readonly health: () => AgencyHealth;
}

/**
 * What calls over HTTP and over WebSocket have in common: a bound on how many, one time limit, the caller's abort, and a circuit breaker. A call
 * is never repeated: its warrant is used up as soon as the agency may have seen it.
 */
export function agencyCalls(options: AgencyCallsOptions): AgencyCalls {
  const { agency, timeoutMs, maxCalls, random, now = () => performance.now() } = options;
  const breaker = circuitBreaker(random);
  const { add, remove } = deadlines(timeoutMs, now);
  let underWay = 0;

  const unavailable = (reason: string, cause?: unknown): HubError =>
    new HubError('SOURCE_UNAVAILABLE', `${agency}: ${reason}.`, cause === undefined ? undefined : { cause });

  function turnedAway(signal: AbortSignal | undefined): HubError | null {
    if (signal?.aborted) return unavailable('given up');
    if (underWay >= maxCalls) return unavailable('too many calls wait for it');
    return breaker.allows(now()) ? null : unavailable('left alone for a while');
  }

  function run<T>(send: Send<T>, signal?: AbortSignal): Promise<T> {
    const refusal = turnedAway(signal);
    if (refusal !== null) return Promise.reject(refusal);
    underWay += 1;
    return new Promise((resolve, reject) => {
      let over = false;
      let cancel = (): void => undefined;
      const end = (outcome: Outcome<T>): void => {
        if (over) return;
        over = true;
        underWay -= 1;
        remove(deadline);
        signal?.removeEventListener('abort', abort);
        if ('answer' in outcome) {
          breaker.succeeded();
          resolve(outcome.answer);
        } else if ('refused' in outcome) {
          breaker.succeeded();
          reject(new HubError(outcome.refused, `${agency}.`));
        } else if ('failed' in outcome) {
          breaker.failed(now());
          reject(unavailable(outcome.failed, outcome.cause));
        } else {
          breaker.abandoned(now());
          reject(unavailable(outcome.dropped));
        }
      };
      const giveUp = (outcome: Outcome<T>): void => {
        end(outcome);
        cancel();
      };
      const deadline = add(() => giveUp({ failed: 'timed out' }));
      const abort = (): void => giveUp({ dropped: 'given up' });
      signal?.addEventListener('abort', abort, { once: true });
      try {
        cancel = send(end);
      } catch (error) {
        reject(error instanceof HubError ? error : unavailable('not sent', error));
        end({ dropped: 'not sent' });
      }
    });
  }

  return { run, health: breaker.health };
}
