import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openHubDatabase, type HubDatabase } from '../../test/fixtures/hubDatabase.ts';
import { storeReplayCache } from './replayCache.ts';

let database: HubDatabase;
beforeAll(async () => {
  database = await openHubDatabase();
});
afterAll(() => database.close());

describe('a replay cache in the store', () => {
  it('takes a key for one of twenty that come at the same time, from two replicas', async () => {
    const [one, two] = await Promise.all([storeReplayCache(database.connection), storeReplayCache(database.connection)]);
    for (const key of ['a', 'b', 'c']) {
      const taken = await Promise.all(Array.from({ length: 20 }, (_, place) => (place % 2 ? one : two).take(key, 1000)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    }
  });

  it('forgets keys whose time is over, and no others', async () => {
    const cache = await storeReplayCache(database.connection);
    await cache.take('short', 1000);
    await cache.take('long', 2000);
    await cache.sweep(1500);
    expect(await cache.take('long', 2000)).toBe(false);
    expect(await cache.take('short', 3000)).toBe(true);
  });
});
