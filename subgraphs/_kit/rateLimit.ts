import { LRUCache } from 'lru-cache';

/** Whether this key may go on now. */
export type RateLimit = (key: string) => boolean;

/** At most `times` per key within `perMs`, counted in fixed windows; the 10,000 latest keys are kept. */
export function rateLimit({
  times,
  perMs,
  now,
}: {
  readonly times: number;
  readonly perMs: number;
  readonly now: () => number;
}): RateLimit {
  const windows = new LRUCache<string, { readonly window: number; count: number }>({ max: 10_000 });
  return (key) => {
    const window = Math.floor(now() / perMs);
    const known = windows.get(key);
    const entry = known?.window === window ? known : { window, count: 0 };
    entry.count += 1;
    windows.set(key, entry);
    return entry.count <= times;
  };
}
