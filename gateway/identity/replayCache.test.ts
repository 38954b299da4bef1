import { describe, expect, it } from '@jest/globals';
import { memoryReplayCache } from './replayCache.ts';

describe('a replay cache in memory', () => {
  it('takes a key once until its time is over, and forgets it some time after', async () => {
    let clock = 0;
    const cache = memoryReplayCache({ span: 1000, now: () => clock });
    expect(await cache.take('a', 1000)).toBe(true);
    expect(await cache.take('a', 1000)).toBe(false);
    for (clock = 0; clock < 1000; clock += 100) expect(await cache.take('a', clock + 1000)).toBe(false);
    clock = 3000;
    expect(await cache.take('a', 4000)).toBe(true);
  });

  it('never forgets a key before its time, whenever others come', async () => {
    for (let step = 1; step <= 1500; step += 7) {
      let clock = 0;
      const cache = memoryReplayCache({ span: 1000, now: () => clock });
      for (; clock < 900; clock += step) await cache.take(`x${clock}`, clock + 1000);
      const until = clock + 1000;
      expect(await cache.take('a', until)).toBe(true);
      for (; clock < until; clock += step) expect(await cache.take('a', clock)).toBe(false);
    }
  });

  it('takes nothing while it is full, and again when the time of the oldest is over', async () => {
    let clock = 0;
    const cache = memoryReplayCache({ span: 1000, now: () => clock, most: 3 });
    for (const key of ['a', 'b', 'c']) expect(await cache.take(key, 500)).toBe(true);
    await expect(cache.take('d', 1000)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await cache.take('a', 1000)).toBe(false);
    clock = 700;
    expect(await cache.take('d', 1000)).toBe(true);
  });

  it('does not promise more than it can keep', async () => {
    await expect(memoryReplayCache({ span: 1000, now: () => 0 }).take('a', 1001)).rejects.toThrow(RangeError);
  });
});
