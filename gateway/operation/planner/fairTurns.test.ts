import { describe, expect, it } from '@jest/globals';
import { createFairTurns } from './fairTurns.ts';

describe('turns', () => {
  it('go round the clients, however much one of them has waiting', async () => {
    const turns = createFairTurns({ perClient: 100, inAll: 1_000 });
    const order: string[] = [];
    const take = (client: string) => turns.take(client, async () => void order.push(client));
    await Promise.all([...Array.from({ length: 6 }, () => take('hostile')), take('honest'), take('other')]);
    expect(order).toEqual(['hostile', 'hostile', 'honest', 'other', 'hostile', 'hostile', 'hostile', 'hostile']);
  });

  it('are refused to a client that has enough waiting, and then to everybody, before any work', async () => {
    const turns = createFairTurns({ perClient: 3, inAll: 5 });
    let worked = 0;
    const take = (client: string) =>
      turns
        .take(client, async () => {
          worked += 1;
          await new Promise(setImmediate);
        })
        .then(
          () => 'done',
          (error: { code: string }) => error.code,
        );
    const answers = await Promise.all(['a', 'a', 'a', 'a', 'a', 'b', 'b', 'c'].map(take));
    expect(answers).toEqual(['done', 'done', 'done', 'done', 'TOO_MANY_REQUESTS', 'done', 'done', 'UNAVAILABLE']);
    expect(worked).toBe(6);
  });

  it('go on after work that fails', async () => {
    const turns = createFairTurns({ perClient: 3, inAll: 5 });
    const failing = turns.take('a', () => Promise.reject(new Error('no')));
    const after = turns.take('a', async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await after).toBe('yes');
  });
});
