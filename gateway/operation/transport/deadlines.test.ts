import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { deadlines } from './deadlines.ts';

describe('deadlines', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0 }));
  afterEach(() => void jest.useRealTimers());

  it('come due each at its own time, unless they are taken out', () => {
    const { add, remove } = deadlines(100, Date.now);
    const late: string[] = [];
    add(() => late.push('first'));
    jest.advanceTimersByTime(40);
    const second = add(() => late.push('second'));
    add(() => late.push('third'));
    jest.advanceTimersByTime(60);
    expect(late).toEqual(['first']);
    remove(second);
    jest.advanceTimersByTime(39);
    expect(late).toEqual(['first']);
    jest.advanceTimersByTime(1);
    expect(late).toEqual(['first', 'third']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
