import { canonicalJson } from '../../schema/canonical.ts';
import type { RefusalEntry } from '../domain/auditEntry.ts';
import type { Clock } from '../domain/clock.ts';

/** One entry stands for the identical refusals of one minute. */
const WINDOW = 60_000;

export interface FoldedRefusals {
  /** Adds a refusal to the identical ones of its minute. */
  add(body: RefusalEntry): void;
  /** Ends the folds of one subject (DataSubject.id), of a consent, or all; how many those were. */
  take(whose?: { readonly subject?: string; readonly consent?: string }): number;
  /** Stops the clock. */
  close(): void;
}

interface Fold {
  readonly first: RefusalEntry;
  count: number;
}

/**
 * Folds identical refusals per minute, so that a client that keeps asking fills neither the log nor the view. A minute begins with its first
 * refusal. `write` gets each fold once, when its minute is over; with more than `most` different ones the oldest ends early.
 */
export function foldRefusals(now: Clock, write: (body: RefusalEntry) => void, most: number): FoldedRefusals {
  const folds = new Map<string, Fold>();
  let timer: NodeJS.Timeout | null = null;

  function end(key: string, { first, count }: Fold): void {
    folds.delete(key);
    write({ ...first, count });
  }

  /** In the order of their beginning: stops at the first whose minute still runs. */
  function sweep(): void {
    for (const [key, fold] of folds) {
      if (now() - fold.first.at < WINDOW && folds.size <= most) break;
      end(key, fold);
    }
    if (folds.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  }

  return {
    add(body) {
      sweep();
      const { request: _request, at: _at, count, ...same } = body;
      const key = canonicalJson(same);
      const fold = folds.get(key);
      if (fold) fold.count += count;
      else folds.set(key, { first: body, count });
      if (folds.size > most) sweep();
      timer ??= setInterval(sweep, WINDOW / 12).unref();
    },
    take({ subject, consent } = {}) {
      let taken = 0;
      for (const [key, fold] of folds) {
        if (subject !== undefined && fold.first.subject !== subject) continue;
        if (consent !== undefined && fold.first.consent !== consent) continue;
        end(key, fold);
        taken += 1;
      }
      return taken;
    },
    close() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}
