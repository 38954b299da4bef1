import { Redis } from 'ioredis';
import { HubError } from '../../schema/errors.ts';
import type { ReplayCache } from './replayCache.ts';

/**
 * A replay cache in Valkey (or Redis), shared by replicas: one `SET NX PX` a key, so that of any number at once exactly one succeeds. While it
 * cannot be reached nothing is taken: UNAVAILABLE, never a second use.
 */
export function valkeyReplayCache(url: string, now: () => number = Date.now): ReplayCache & { close(): Promise<void> } {
  const client = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: true, commandTimeout: 2000, lazyConnect: false });
  // Each command says for itself that it failed; without a listener the process would end.
  client.on('error', () => undefined);
  return {
    async take(key, until) {
      try {
        return (await client.set(`replay:${key}`, '1', 'PX', Math.max(1, until - now()), 'NX')) === 'OK';
      } catch (cause) {
        throw new HubError('UNAVAILABLE', 'The replay cache cannot be reached.', { cause });
      }
    },
    async close() {
      client.disconnect();
    },
  };
}
