import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { randomPool } from './randomPool.ts';

describe('a pool of random bytes', () => {
  it('gives each byte once, in pieces of any size', () => {
    const drawn: Buffer[] = [];
    const take = randomPool((size) => {
      drawn.push(randomBytes(size));
      return drawn.at(-1) as Buffer;
    });
    const given = [16, 12, 4000, 12, 5000, 16].map((size) => take(size));
    expect(given.map(({ length }) => length)).toEqual([16, 12, 4000, 12, 5000, 16]);
    for (const draw of drawn) {
      const parts = given.filter((part) => part.buffer === draw.buffer && draw.indexOf(part) >= 0);
      expect(
        draw.subarray(
          0,
          parts.reduce((sum, { length }) => sum + length, 0),
        ),
      ).toEqual(Buffer.concat(parts));
    }
  });

  it('never repeats itself', () => {
    const take = randomPool(randomBytes);
    const ids = Array.from({ length: 2000 }, () => take(16).toString('base64url'));
    expect(new Set(ids).size).toBe(2000);
  });
});
