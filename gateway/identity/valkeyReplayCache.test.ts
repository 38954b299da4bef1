import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith } from '../../test/fixtures/outsideTool.ts';
import { freePort } from '../../test/fixtures/runHub.ts';
import { valkeyReplayCache } from './valkeyReplayCache.ts';

describeWith('redis-server', 'the replay cache in Valkey', (path) => {
  let server: ReturnType<typeof spawn>;
  let cache: ReturnType<typeof valkeyReplayCache>;
  let other: ReturnType<typeof valkeyReplayCache>;

  beforeAll(async () => {
    const port = await freePort();
    server = spawn(path, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    cache = valkeyReplayCache(`redis://127.0.0.1:${port}`);
    other = valkeyReplayCache(`redis://127.0.0.1:${port}`);
    for (let tries = 0; tries < 50; tries++) {
      if (await cache.take(`ready-${tries}`, Date.now() + 1000).catch(() => false)) break;
    }
  });
  afterAll(async () => {
    await cache.close();
    await other.close();
    server.kill();
    await once(server, 'close');
  });

  it('lets exactly one of forty take a key, over two replicas', async () => {
    const taken = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? cache : other).take('proof', Date.now() + 60_000)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('forgets a key when its time is over, and not before', async () => {
    expect(await cache.take('short', Date.now() + 300)).toBe(true);
    expect(await other.take('short', Date.now() + 300)).toBe(false);
    await new Promise((wake) => setTimeout(wake, 400));
    expect(await other.take('short', Date.now() + 300)).toBe(true);
  });

  it('refuses when it cannot be reached', async () => {
    const nowhere = valkeyReplayCache(`redis://127.0.0.1:${await freePort()}`);
    await expect(nowhere.take('proof', Date.now() + 1000)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await nowhere.close();
  });
});
