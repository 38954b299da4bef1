import { describe, expect, it } from '@jest/globals';
import { NO_TAIL, nextBatch, type Batch, type Draft } from './batch.ts';
import { openGroupCommit, type GroupCommit, type GroupCommitOptions } from './groupCommit.ts';

const draft = (name: string): Draft => ({ body: JSON.stringify({ name }), keys: [] });
const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(5);
const namesOf = (batches: readonly Batch[]): string[] =>
  batches.flatMap(({ entries }) => entries.map(({ body }) => (JSON.parse(body ?? '') as { name: string }).name));

/** A store in memory whose writes wait until they are let through, fail, or fail after having landed. */
function storeInMemory(some: Partial<GroupCommitOptions> = {}) {
  const batches: Batch[] = [];
  const alarms: string[] = [];
  const writes: { batch: Batch; land(): void; resolve(): void; reject(): void }[] = [];
  let automatic = true;
  const land = (batch: Batch): void => {
    if (batches.some(({ seq }) => seq === batch.seq)) throw new Error('duplicate key');
    batches.push(batch);
  };
  const options: GroupCommitOptions = {
    shard: 'shard-1',
    tail: NO_TAIL,
    insert: (batch) =>
      new Promise((resolve, reject) => {
        const write = { batch, land: () => land(batch), resolve, reject: () => reject(new Error('connection closed')) };
        if (!automatic) return writes.push(write);
        write.land();
        resolve();
      }),
    readLast: () =>
      Promise.resolve(batches.reduce<Batch | null>((last, batch) => (last === null || batch.seq > last.seq ? batch : last), null)),
    now: () => 1000,
    randomBytes,
    committed: () => undefined,
    alarm: (sentence) => alarms.push(sentence),
    capacity: 100,
    patience: 1000,
    ...some,
  };
  return {
    batches,
    alarms,
    writes,
    options,
    commit: openGroupCommit(options),
    land,
    byHand: () => (automatic = false),
    alone: () => (automatic = true),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const resultOf = (append: Promise<void>): Promise<string> =>
  append.then(
    () => 'durable',
    (error: { code?: string }) => error.code ?? 'other',
  );

async function opened(store: { commit: GroupCommit }): Promise<void> {
  await store.commit.append(draft('opened'));
}

describe('groupCommit', () => {
  it('writes an idle entry at once, and those that arrive meanwhile together', async () => {
    const store = storeInMemory();
    store.byHand();
    const first = store.commit.append(draft('a'));
    await turn();
    const others = ['b', 'c', 'd'].map((name) => store.commit.append(draft(name)));
    store.commit.note(draft('e'));
    await turn();
    expect(store.writes.map(({ batch }) => batch.entries.length)).toEqual([1]);
    store.writes[0]?.land();
    store.writes[0]?.resolve();
    await first;
    await turn();
    expect(store.writes.map(({ batch }) => batch.entries.length)).toEqual([1, 4]);
    store.writes[1]?.land();
    store.writes[1]?.resolve();
    await Promise.all(others);
    expect(namesOf(store.batches)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(store.batches[1]?.prevHash).toBe(store.batches[0]?.head.hash);
  });

  it('resolves no append before its batch is durable', async () => {
    const store = storeInMemory();
    store.byHand();
    let durable = false;
    const append = store.commit.append(draft('a')).then(() => (durable = true));
    await turn();
    expect(durable).toBe(false);
    store.writes[0]?.land();
    store.writes[0]?.resolve();
    await append;
    expect(durable).toBe(true);
  });

  it('cuts a large queue into batches of at most 256 entries', async () => {
    const store = storeInMemory({ capacity: 1000 });
    await Promise.all(Array.from({ length: 600 }, (_, number) => store.commit.append(draft(String(number)))));
    expect(store.batches.map(({ entries }) => entries.length)).toEqual([256, 256, 88]);
    expect(namesOf(store.batches)).toEqual(Array.from({ length: 600 }, (_, number) => String(number)));
  });

  it('refuses what is over its capacity, and an entry that could never be written', async () => {
    const store = storeInMemory({ capacity: 2 });
    store.byHand();
    const kept = [store.commit.append(draft('a')), store.commit.append(draft('b'))];
    await expect(resultOf(store.commit.append(draft('c')))).resolves.toBe('AUDIT_UNAVAILABLE');
    await expect(resultOf(store.commit.append(draft('x'.repeat(300_000))))).resolves.toBe('AUDIT_UNAVAILABLE');
    store.alone();
    await turn();
    store.writes[0]?.land();
    store.writes[0]?.resolve();
    await Promise.all(kept);
  });

  it('tells every waiting append that a write failed, and goes on at the tail it reads', async () => {
    const store = storeInMemory();
    await opened(store);
    store.byHand();
    const inFlight = store.commit.append(draft('a'));
    await turn();
    const waiting = store.commit.append(draft('b'));
    store.writes[0]?.reject();
    expect(await Promise.all([resultOf(inFlight), resultOf(waiting)])).toEqual(['AUDIT_UNAVAILABLE', 'AUDIT_UNAVAILABLE']);
    store.alone();
    await turn();
    await store.commit.append(draft('c'));
    expect(namesOf(store.batches)).toEqual(['opened', 'c']);
    expect(store.batches.map(({ seq }) => seq)).toEqual([0, 1]);
  });

  it('continues after a batch that landed although its write failed', async () => {
    const store = storeInMemory();
    await opened(store);
    store.byHand();
    const append = store.commit.append(draft('a'));
    store.commit.note(draft('note'));
    await turn();
    store.writes[0]?.land();
    store.writes[0]?.reject();
    await expect(resultOf(append)).resolves.toBe('AUDIT_UNAVAILABLE');
    store.alone();
    await turn();
    await store.commit.append(draft('b'));
    expect(namesOf(store.batches)).toEqual(['opened', 'a', 'note', 'b']);
  });

  it('keeps notes through a failed write, and writes them when the store is back', async () => {
    const store = storeInMemory();
    await opened(store);
    store.byHand();
    store.commit.note(draft('note'));
    await turn();
    store.alone();
    store.writes[0]?.reject();
    await turn();
    await store.commit.drained();
    expect(namesOf(store.batches)).toEqual(['opened', 'note']);
  });

  it('continues after an earlier batch of its own that lands late', async () => {
    const store = storeInMemory({ patience: 20 });
    await opened(store);
    store.byHand();
    const late = store.commit.append(draft('late'));
    await expect(resultOf(late)).resolves.toBe('AUDIT_UNAVAILABLE');
    store.writes[0]?.land();
    store.alone();
    await turn();
    await expect(resultOf(store.commit.append(draft('a')))).resolves.toBe('AUDIT_UNAVAILABLE');
    while ((await resultOf(store.commit.append(draft('b')))) !== 'durable') await turn();
    expect(namesOf(store.batches)).toEqual(['opened', 'late', 'b']);
  });

  it('answers nothing while the tail cannot be read, and again afterwards', async () => {
    let down = false;
    const inner = storeInMemory();
    const store = storeInMemory({
      insert: (batch) => (down ? Promise.reject(new Error('down')) : inner.options.insert(batch)),
      readLast: () => (down ? Promise.reject(new Error('down')) : inner.options.readLast()),
    });
    await opened(store);
    down = true;
    await expect(resultOf(store.commit.append(draft('a')))).resolves.toBe('AUDIT_UNAVAILABLE');
    await expect(resultOf(store.commit.append(draft('b')))).resolves.toBe('AUDIT_UNAVAILABLE');
    await expect(resultOf(store.commit.drained())).resolves.toBe('AUDIT_UNAVAILABLE');
    down = false;
    while ((await resultOf(store.commit.append(draft('c')))) !== 'durable') await turn();
    expect(namesOf(inner.batches)).toEqual(['opened', 'c']);
  });

  it('stays closed when somebody else wrote to its shard', async () => {
    const store = storeInMemory();
    await opened(store);
    store.land(nextBatch('shard-1', { ...NO_TAIL, seq: 0, hash: 'foreign' }, [draft('foreign')], randomBytes(16), 1000).batch);
    await expect(resultOf(store.commit.append(draft('a')))).resolves.toBe('AUDIT_UNAVAILABLE');
    await turn();
    await expect(resultOf(store.commit.append(draft('b')))).resolves.toBe('AUDIT_UNAVAILABLE');
    expect(store.alarms.at(-1)).toMatch(/does not end where this process left it/);
  });

  it('writes what waits before it closes, and nothing after', async () => {
    const store = storeInMemory();
    const append = store.commit.append(draft('a'));
    store.commit.note(draft('b'));
    await store.commit.close();
    await append;
    expect(namesOf(store.batches)).toEqual(['a', 'b']);
    await expect(resultOf(store.commit.append(draft('c')))).resolves.toBe('AUDIT_UNAVAILABLE');
  });

  it('ends a close that the store does not answer', async () => {
    const store = storeInMemory({
      patience: 20,
      insert: () => Promise.reject(new Error('down')),
      readLast: () => Promise.reject(new Error('down')),
    });
    const append = store.commit.append(draft('a'));
    await Promise.all([expect(resultOf(append)).resolves.toBe('AUDIT_UNAVAILABLE'), store.commit.close()]);
  });
});
