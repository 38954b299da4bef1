import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createFairCache } from './fairCache.ts';

describe('a fair cache', () => {
  it('forgets the least recently used', () => {
    const cache = createFairCache<number>({ maxBytes: 30, maxEntries: 10 });
    for (const key of ['a', 'b', 'c']) cache.set(key, 'one', 1, 10);
    cache.get('a', 'one');
    cache.set('d', 'one', 1, 10);
    expect(['a', 'b', 'c', 'd'].map((key) => cache.peek(key))).toEqual([1, undefined, 1, 1]);
  });

  it('lets a million of one client’s entries push out nothing of another’s', () => {
    const cache = createFairCache<number>({ maxBytes: 100_000, maxEntries: 1_000 });
    for (let index = 0; index < 400; index += 1) cache.set(`honest ${index}`, 'honest', index, 100);
    for (let index = 0; index < 1_000_000; index += 1) cache.set(`hostile ${index}`, 'hostile', index, 100);
    for (let index = 0; index < 400; index += 1) expect(cache.get(`honest ${index}`, 'honest')).toBe(index);
    expect([cache.size, cache.bytes]).toEqual([1_000, 100_000]);
  });

  it('does not let a client take others’ entries to its grave by using them first', () => {
    const cache = createFairCache<string>({ maxBytes: 1_000, maxEntries: 100 });
    for (let index = 0; index < 5; index += 1) cache.set(`filler ${index}`, 'hostile', '', 20);
    cache.set('common', 'hostile', 'value', 20);
    cache.get('common', 'honest');
    for (let index = 0; index < 1_000; index += 1) {
      cache.get('common', 'hostile');
      cache.set(`flood ${index}`, 'hostile', '', 20);
    }
    expect(cache.peek('common')).toBe('value');
  });

  it('does not hold what is larger than itself', () => {
    const cache = createFairCache<string>({ maxBytes: 10, maxEntries: 10 });
    cache.set('small', 'one', 'value', 5);
    cache.set('large', 'one', 'value', 11);
    expect([cache.peek('small'), cache.peek('large'), cache.bytes]).toEqual(['value', undefined, 5]);
  });

  it('is within its bounds, and counts what it holds, whatever is done with it', () => {
    const step = fc.record({
      write: fc.boolean(),
      key: fc.integer({ min: 0, max: 20 }).map(String),
      client: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cache = createFairCache<number>({ maxBytes: 100, maxEntries: 8 });
        const sizes = new Map<string, number>();
        for (const { write, key, client, bytes } of steps) {
          if (write) {
            cache.set(key, client, bytes, bytes);
            sizes.set(key, bytes);
          } else if (cache.peek(key) !== undefined) expect(cache.get(key, client)).toBe(sizes.get(key));
          const held = [...sizes].filter(([each]) => cache.peek(each) !== undefined);
          expect(cache.size).toBe(held.length);
          expect(cache.bytes).toBe(held.reduce((sum, [, size]) => sum + size, 0));
          expect(cache.bytes <= 100 && cache.size <= 8).toBe(true);
        }
      }),
    );
  });
});
