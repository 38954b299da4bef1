/** What must be over at some time. */
export interface Deadline {
  readonly at: number;
  readonly late: () => void;
}

/** Deadlines that all have the same length, under one timer: a timer for each call costs more than the rest of its bookkeeping. */
export interface Deadlines {
  /** Calls `late` once, unless it is taken out before. */
  readonly add: (late: () => void) => Deadline;
  readonly remove: (deadline: Deadline) => void;
}

/** `lengthMs` from its adding each. As all are equally long, they come due in the order in which they were added. `now`: a clock that never goes back, ms. */
export function deadlines(lengthMs: number, now: () => number = () => performance.now()): Deadlines {
  const waiting = new Set<Deadline>();
  let timer: NodeJS.Timeout | null = null;

  function wake(): void {
    timer = null;
    for (const deadline of waiting) {
      const left = deadline.at - now();
      if (left > 0) return arm(left);
      waiting.delete(deadline);
      deadline.late();
    }
  }

  /** The timer runs on after its deadline is gone, and then finds the next one, or nothing. */
  function arm(ms: number): void {
    timer ??= setTimeout(wake, ms).unref();
  }

  return {
    add(late) {
      const deadline = { at: now() + lengthMs, late };
      waiting.add(deadline);
      arm(lengthMs);
      return deadline;
    },
    remove(deadline) {
      waiting.delete(deadline);
    },
  };
}
