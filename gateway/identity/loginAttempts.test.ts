import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openHubDatabase, type HubDatabase } from '../../test/fixtures/hubDatabase.ts';
import { nextAttempt, openLoginAttempts, type Attempts } from './loginAttempts.ts';

const policy = { limit: 5, window: 900_000, lock: 60_000, longest: 3_600_000 };

/** How many of the tries at these times go through, none of them forgiven. */
function through(times: readonly number[]): number {
  let attempts: Attempts | null = null;
  let count = 0;
  for (const time of times) {
    const next = nextAttempt(attempts, policy, time);
    if (next === null) continue;
    attempts = next;
    count += 1;
  }
  return count;
}

describe('tries', () => {
  it('go through until the limit, then one after each lock, and the lock doubles', () => {
    const seconds = Array.from({ length: 600 }, (_, second) => second * 1000);
    // Five at once, then at 64 s (lock of a minute), 184 s (two), 424 s (four); the next would be at 904 s.
    expect(through(seconds)).toBe(8);
  });

  it('lock for an hour at most', () => {
    const day = Array.from({ length: 24 * 60 }, (_, minute) => minute * 60_000);
    expect(through(day)).toBeLessThan(5 + 6 + 24);
  });

  it('begin anew after a quiet quarter of an hour, and wholly after a day', () => {
    expect(through([0, 1, 2, 3, 1_000_000, 1_000_001, 1_000_002, 1_000_003])).toBe(8);
    expect(through([0, 1, 2, 3, 4, 86_500_000, 86_500_001, 86_500_002, 86_500_003, 86_500_004])).toBe(10);
  });

  it('are never more than five within the first minute, however they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 59_999 }), { maxLength: 50 }), (times) => through(times.sort((a, b) => a - b)) <= 5),
    );
  });
});

describe('the counters in the store', () => {
  let database: HubDatabase;
  let now = 0;
  beforeAll(async () => {
    database = await openHubDatabase();
  });
  afterAll(() => database.close());

  it('let five of fifty through that come at the same time', async () => {
    const attempts = await openLoginAttempts(database.connection, () => now);
    const taken = await Promise.all(Array.from({ length: 50 }, () => attempts.take('at-once', policy)));
    expect(taken.filter(Boolean)).toHaveLength(5);
  });

  it('let no more through when they come from two replicas', async () => {
    const [one, two] = await Promise.all([
      openLoginAttempts(database.connection, () => now),
      openLoginAttempts(database.connection, () => now),
    ]);
    const taken = await Promise.all(Array.from({ length: 30 }, (_, place) => (place % 2 ? one : two).take('two-replicas', policy)));
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(5);
  });

  it('survive the process', async () => {
    for (let turn = 0; turn < 5; turn += 1) await (await openLoginAttempts(database.connection, () => now)).take('restart', policy);
    expect(await (await openLoginAttempts(database.connection, () => now)).take('restart', policy)).toBe(false);
  });

  it('are forgiven after a success, and given back where many share them', async () => {
    const attempts = await openLoginAttempts(database.connection, () => now);
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await attempts.take('forgiven', policy)).toBe(true);
      await attempts.forgive('forgiven');
      expect(await attempts.take('shared', policy)).toBe(true);
      await attempts.giveBack('shared');
    }
  });

  it('are deleted a day after', async () => {
    const attempts = await openLoginAttempts(database.connection, () => now);
    await attempts.sweep(now + 86_400_001);
    expect(await attempts.take('at-once', policy)).toBe(true);
    now = 0;
  });
});
