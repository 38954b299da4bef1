import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import mongoose, { type Model } from 'mongoose';
import { freshReads } from './freshRead.ts';
import { openStore, type Store } from './openStore.ts';

interface Thing {
  readonly _id: string;
  readonly state: string;
  readonly version: number;
  readonly list?: readonly { readonly n: number }[];
}

const uri = process.env['MONGODB_URI'];
const engines = [{ engine: 'embedded', address: undefined }, ...(uri ? [{ engine: 'mongodb', address: uri }] : [])] as const;

describe.each(engines)('a fresh read on $engine', ({ engine, address }) => {
  let store: Store;
  let dataDir: string;
  let made = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'fresh-'));
    store = await openStore({ uri: address, dataDir, databasePrefix: `test_${randomBytes(6).toString('hex')}_`, monitorCommands: true });
  });
  afterAll(async () => {
    await (await store.database('hub')).dropDatabase();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** An empty collection of its own. */
  async function things(): Promise<Model<Thing>> {
    const name = `things${made++}`;
    const schema = new mongoose.Schema(
      {
        _id: String,
        state: String,
        version: Number,
        list: { type: [new mongoose.Schema({ n: Number }, { _id: false })], default: undefined },
      },
      { versionKey: false, strict: 'throw' },
    );
    const model = (await store.database('hub')).model(name, schema, name) as unknown as Model<Thing>;
    await model.init();
    return model;
  }
  const uncached = (model: Model<Thing>, id: string) => model.collection.findOne<Thing & { _id: never }>({ _id: id as never });
  const reads = (bytes = 1_000_000) => freshReads<Thing, Thing>((stored) => stored, bytes);

  it('gives what was written last, and null where nothing is', async () => {
    const [model, read] = [await things(), reads()];
    expect(await read(model, 'a')).toBeNull();
    await model.create({ _id: 'a', state: 'ACTIVE', version: 1 });
    expect(await read(model, 'a')).toEqual({ _id: 'a', state: 'ACTIVE', version: 1 });
    await model.updateOne({ _id: 'a' }, { $set: { state: 'WITHDRAWN' } });
    expect(await read(model, 'a')).toMatchObject({ state: 'WITHDRAWN' });
    await model.deleteOne({ _id: 'a' });
    expect(await read(model, 'a')).toBeNull();
  });

  it('takes an id for a text, whatever it is', async () => {
    const [model, read] = [await things(), reads()];
    await model.create({ _id: 'a', state: 'ACTIVE', version: 1 });
    expect(await read(model, { $ne: '' } as unknown as string)).toBeNull();
    expect(await read(model, undefined as unknown as string)).toBeNull();
  });

  it('gives what its reader makes of the document, and fails as its reader fails', async () => {
    const model = await things();
    await model.create({ _id: 'a', state: 'ACTIVE', version: 1 });
    const versions = freshReads<Thing, { readonly version: number }>(({ version }) => ({ version }), 1_000_000);
    expect(await versions(model, 'a')).toEqual({ version: 1 });
    const failing = freshReads<Thing, Thing>(() => {
      throw new TypeError('not a form of ours');
    }, 1_000_000);
    for (let time = 0; time < 2; time++) await expect(failing(model, 'a')).rejects.toThrow('not a form of ours');
  });

  if (engine === 'mongodb') {
    it('asks the primary each time, linearizable, and not for long', async () => {
      const [model, read] = [await things(), reads()];
      const sent: mongoose.mongo.Document[] = [];
      const note = ({ command }: { command: mongoose.mongo.Document }) => sent.push(command);
      model.db.getClient().on('commandStarted', note);
      for (let time = 0; time < 2; time++) await read(model, 'a');
      model.db.getClient().off('commandStarted', note);
      const finds = sent.filter((command) => 'find' in command);
      expect(finds).toHaveLength(2);
      for (const find of finds) expect(find).toMatchObject({ readConcern: { level: 'linearizable' }, maxTimeMS: 2000 });
    });

    it('is UNAVAILABLE when the server fails it', async () => {
      const client = mongoose.createConnection(address, { serverSelectionTimeoutMS: 200 });
      await client.asPromise();
      const model = client.model<Thing>('Thing', new mongoose.Schema<Thing>({ _id: String }), 'things');
      await client.close();
      await expect(reads()(model, 'a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
    return;
  }

  it('is one frozen object for all until the document changes', async () => {
    const [model, read] = [await things(), reads()];
    await model.create({ _id: 'a', state: 'ACTIVE', version: 1, list: [{ n: 1 }] });
    const first = await read(model, 'a');
    expect(await read(model, 'a')).toBe(first);
    expect(() => Object.assign(first?.list?.[0] as object, { n: 2 })).toThrow(TypeError);
    await model.create({ _id: 'b', state: 'ACTIVE', version: 1 });
    expect(await read(model, 'a')).toBe(first);
    await model.updateOne({ _id: 'a' }, { $set: { version: 2 } });
    expect(await read(model, 'a')).not.toBe(first);
  });

  it('holds no more than its bytes', async () => {
    const [model, read] = [await things(), reads(10_000)];
    const ids = Array.from({ length: 50 }, (_, n) => `t${n}`);
    await model.insertMany(ids.map((_id) => ({ _id, state: 'x'.repeat(300), version: 1 })));
    const before = await Promise.all(ids.map((id) => read(model, id)));
    const after = await Promise.all(ids.map((id) => read(model, id)));
    expect(after.filter((document, n) => document === before[n]).length).toBeLessThan(10);
    expect(after).toEqual(before);
    await model.create({ _id: 'large', state: 'x'.repeat(5000), version: 1 });
    expect(await read(model, 'large')).not.toBe(await read(model, 'large'));
  });

  it('shows nothing of a write that was refused, nor of a dropped collection', async () => {
    const [model, read] = [await things(), reads()];
    await model.insertMany([{ _id: 'a', state: 'ACTIVE', version: 1 }]);
    await read(model, 'a');
    await expect(model.collection.updateOne({ _id: 'a' as never }, { $inc: { state: 1 } })).rejects.toMatchObject({ code: 14 });
    expect(await read(model, 'a')).toMatchObject({ state: 'ACTIVE' });
    await model.collection.drop();
    expect(await read(model, 'a')).toBeNull();
  });

  it('is, at every moment, what the file says: whatever is written, in whatever order', async () => {
    const ids = ['a', 'b', 'c'] as const;
    const id = fc.constantFrom(...ids);
    const act = fc.oneof(
      fc.record({ kind: fc.constant('insert' as const), id }),
      fc.record({ kind: fc.constant('set' as const), id, state: fc.constantFrom('ACTIVE', 'WITHDRAWN', 'EXPIRED') }),
      fc.record({ kind: fc.constant('conditional' as const), id, version: fc.nat(3) }),
      fc.record({ kind: fc.constant('modify' as const), id }),
      fc.record({ kind: fc.constant('many' as const), id }),
      fc.record({ kind: fc.constant('delete' as const), id }),
      fc.record({ kind: fc.constant('turn' as const), id }),
      fc.record({ kind: fc.constant('wait' as const), id }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30 }), fc.constantFrom(1200, 1_000_000), async (acts, bytes) => {
        const [model, read] = [await things(), reads(bytes)];
        const under: Promise<unknown>[] = [];
        for (const { kind, id: _id, ...more } of acts) {
          const { state = '', version = 0 } = more as { state?: string; version?: number };
          if (kind === 'insert') under.push(model.insertMany([{ _id, state: 'ACTIVE', version: 0 }]).catch(() => null));
          if (kind === 'set') under.push(model.updateOne({ _id }, { $set: { state }, $inc: { version: 1 } }).exec());
          if (kind === 'conditional') under.push(model.updateOne({ _id, version }, { $set: { version: version + 1 } }).exec());
          if (kind === 'modify') under.push(model.findOneAndUpdate({ _id }, { $set: { state: 'NEW' } }, { upsert: true }).exec());
          if (kind === 'many') under.push(model.updateMany({}, { $inc: { version: 1 } }).exec());
          if (kind === 'delete') under.push(model.deleteOne({ _id }).exec());
          if (kind === 'turn') await new Promise((resolve) => setImmediate(resolve));
          if (kind === 'wait') await Promise.all(under.splice(0));
          // Both reads take place in this turn: nothing can come between them.
          for (const each of ids) {
            const [held, file] = await Promise.all([read(model, each), uncached(model, each)]);
            expect(held).toEqual(file);
          }
        }
        await Promise.all(under);
        for (const each of ids) expect(await read(model, each)).toEqual(await uncached(model, each));
      }),
      { numRuns: 150 },
    );
  });
});
