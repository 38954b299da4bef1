import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.ts';
import { circuitBreaker } from './circuitBreaker.ts';

describe('a circuit breaker', () => {
  const opened = () => {
    const breaker = circuitBreaker(() => 1);
    for (let turn = 0; turn < 5; turn += 1) breaker.failed(1000);
    return breaker;
  };

  it('stays closed while fewer than five calls in a row fail', () => {
    const breaker = circuitBreaker(() => 1);
    for (let turn = 0; turn < 4; turn += 1) breaker.failed(0);
    breaker.succeeded();
    for (let turn = 0; turn < 4; turn += 1) breaker.failed(0);
    expect(breaker.allows(0)).toBe(true);
    expect(breaker.health()).toEqual({ state: 'CLOSED', failures: 4 });
  });

  it('opens at the fifth, and lets one call try when its time is over', () => {
    const breaker = opened();
    expect(breaker.health()).toEqual({ state: 'OPEN', until: 1050 });
    expect([1049, 1050, 1051].map(breaker.allows)).toEqual([false, true, false]);
    expect(breaker.health()).toEqual({ state: 'HALF_OPEN' });
  });

  it('closes when the one that tries succeeds, and waits longer when it fails', () => {
    const breaker = opened();
    breaker.allows(1050);
    breaker.failed(2000);
    expect(breaker.health()).toEqual({ state: 'OPEN', until: 2100 });
    breaker.allows(2100);
    breaker.succeeded();
    expect(breaker.health()).toEqual({ state: 'CLOSED', failures: 0 });
    for (let turn = 0; turn < 5; turn += 1) breaker.failed(3000);
    expect(breaker.health()).toEqual({ state: 'OPEN', until: 3050 });
  });

  it('lets another try when the one that tried was given up', () => {
    const breaker = opened();
    breaker.allows(1050);
    breaker.abandoned(1060);
    expect(breaker.allows(1060)).toBe(true);
  });
});

describe('the time an agency is left alone', () => {
  it('doubles up to five seconds, half of it by chance', () => {
    expect([1, 2, 3, 8, 100].map((failures) => backoffMs(failures, () => 1))).toEqual([50, 100, 200, 5000, 5000]);
    expect(backoffMs(3, () => 0)).toBe(100);
  });
});
