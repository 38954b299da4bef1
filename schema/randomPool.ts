const POOL_BYTES = 4096;

/** Fresh random bytes. Each is given once. */
export type RandomBytes = (size: number) => Uint8Array;

/** Draws random bytes many at a time: a draw of 16 bytes costs 4 µs, a place in a large one 0.1. */
export function randomPool(randomBytes: RandomBytes): (size: number) => Buffer {
  let pool: Buffer = Buffer.alloc(0);
  let drawn = 0;
  return (size) => {
    if (drawn + size > pool.length) {
      const fresh = randomBytes(Math.max(size, POOL_BYTES));
      pool = Buffer.from(fresh.buffer, fresh.byteOffset, fresh.length);
      drawn = 0;
    }
    drawn += size;
    return pool.subarray(drawn - size, drawn);
  };
}
