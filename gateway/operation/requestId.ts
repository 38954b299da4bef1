import type { Clock, RandomId } from '../domain/clock.ts';

/**
 * Ids of requests, made by the hub: the time (milliseconds since the epoch, in base 36), then 128 random bits. In the order of time, because the
 * audit log finds an outcome by it: neighbours in time are neighbours in the index, and share their writes.
 */
export function requestIds(now: Clock, randomId: RandomId): () => string {
  return () => `${now().toString(36)}-${randomId()}`;
}
