const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/**
 * How long to leave an agency alone after its `failures`-th failure in a row, ms: twice as long each time, up to 5 s, and half of it by chance
 * (`random` in 0..1), so that gateways do not come back all at once.
 */
export function backoffMs(failures: number, random: () => number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return most / 2 + (most / 2) * random();
}
