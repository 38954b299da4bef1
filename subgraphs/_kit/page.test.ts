import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { page } from './page.ts';

const records = (count: number) => Array.from({ length: count }, (_, number) => ({ number }));

describe('a page of records', () => {
  it('holds at most 100, whatever is asked', () => {
    expect(page('a.b', records(250))?.records).toHaveLength(100);
    expect(page('a.b', records(250), 1_000_000)?.records).toHaveLength(100);
    expect(page('a.b', records(250), 0)?.records).toHaveLength(0);
  });

  it('followed by its cursor to the end, gives every record once and in order', () => {
    fc.assert(
      fc.property(fc.nat(350), fc.integer({ min: 1, max: 120 }), (count, first) => {
        const all: unknown[] = [];
        let cursor: string | null = null;
        do {
          const found: ReturnType<typeof page> = page('a.b', records(count), first, cursor);
          if (found === null) throw new Error('refused its own cursor');
          all.push(...found.records);
          cursor = found.endCursor;
        } while (cursor !== null);
        expect(all).toEqual(records(count));
      }),
    );
  });

  it.each([
    '',
    'nonsense',
    Buffer.from('c.d:5').toString('base64url'),
    Buffer.from('a.b:-1').toString('base64url'),
    Buffer.from('a.b:1:2').toString('base64url'),
    Buffer.from('a.b:1e9').toString('base64url'),
    'x'.repeat(201),
  ])('refuses a cursor that it did not give: %s', (cursor) => {
    expect(page('a.b', records(10), 1, cursor)).toBeNull();
  });

  it('refuses a negative count', () => expect(page('a.b', records(10), -1)).toBeNull());
});
