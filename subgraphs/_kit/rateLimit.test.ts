import { describe, expect, it } from '@jest/globals';
import { rateLimit } from './rateLimit.ts';

describe('a rate limit', () => {
  it('counts each key by itself, and begins again with the next window', () => {
    let now = 0;
    const may = rateLimit({ times: 2, perMs: 1000, now: () => now });
    expect([may('a'), may('a'), may('a'), may('b')]).toEqual([true, true, false, true]);
    now = 999;
    expect(may('a')).toBe(false);
    now = 1000;
    expect(may('a')).toBe(true);
  });
});
