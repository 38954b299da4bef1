import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { replayWindow } from './replayWindow.ts';

describe('the replay window', () => {
  it('takes an id once in 120 s, and again after 150 s at the latest', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(400_000), (start, later) => {
        let now = start;
        const take = replayWindow(() => now);
        expect(take('a')).toBe(true);
        now = start + later;
        const again = take('a');
        if (later < 120_000) expect(again).toBe(false);
        if (later >= 150_000) expect(again).toBe(true);
      }),
    );
  });

  it('remembers across any sequence of times and ids at least as long as a list of all would', () => {
    const step = fc.record({ wait: fc.nat(60_000), id: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 0;
        const take = replayWindow(() => now);
        const last = new Map<string, number>();
        for (const { wait, id } of steps) {
          now += wait;
          const taken = take(id);
          if (now - (last.get(id) ?? -Infinity) < 120_000) expect(taken).toBe(false);
          if (taken) last.set(id, now);
        }
      }),
    );
  });

  it('refuses rather than forgets when it is full, and goes on when slots have passed', () => {
    let now = 0;
    const take = replayWindow(() => now, 3);
    expect([take('a'), take('b'), take('c'), take('d')]).toEqual([true, true, true, false]);
    now = 150_000;
    expect([take('d'), take('a')]).toEqual([true, true]);
  });

  it('does not forget when the clock is set back', () => {
    let now = 1_000_000;
    const take = replayWindow(() => now);
    take('a');
    now = 0;
    expect(take('a')).toBe(false);
  });
});
