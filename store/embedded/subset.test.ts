import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import type { Store } from '../openStore.ts';
import { openStore } from '../openStore.ts';

type Collection = mongoose.mongo.Collection;

let store: Store;
let dataDir: string;
let hub: mongoose.Connection;
let collection: Collection;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'store-subset-'));
  store = await openStore({ dataDir });
  hub = await store.database('hub');
  collection = hub.collection('things');
  await collection.insertMany([{ a: 1, list: [1, 2] }, { a: 2 }]);
});
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('what is outside the subset', () => {
  const things = (): Collection => collection;
  it.each<[string, () => unknown]>([
    ['$regex', () => things().findOne({ a: { $regex: 'x' } })],
    ['type RegExp', () => things().findOne({ a: /x/ })],
    ['$where', () => things().findOne({ $where: '1' })],
    ['$expr', () => things().findOne({ $expr: {} })],
    ['$not', () => things().findOne({ a: { $not: { $gt: 1 } } })],
    ['$size', () => things().findOne({ list: { $size: 2 } })],
    ['$gt with null, an object or an array', () => things().findOne({ a: { $gt: null } })],
    ['type Code', () => things().findOne({ a: () => true } as object)],
    [
      'option collation',
      () =>
        things()
          .find({}, { collation: { locale: 'en' } })
          .toArray(),
    ],
    ['option hint', () => things().find({}, { hint: 'a' }).toArray()],
    ['projection of list by an expression', () => things().findOne({}, { projection: { list: { $slice: 1 } } })],
    ['projection that both includes and excludes', () => things().findOne({}, { projection: { a: 1, list: 0 } })],
    ['$mul', () => things().updateOne({}, { $mul: { a: 2 } })],
    ['$rename', () => things().updateOne({}, { $rename: { a: 'b' } })],
    ['path list.$', () => things().updateOne({ list: 1 }, { $set: { 'list.$': 3 } })],
    ['path __proto__.x', () => things().updateOne({}, { $set: { ['__proto__.x']: 3 } })],
    ['$push with $sort', () => things().updateOne({}, { $push: { list: { $each: [1], $sort: 1 } } } as object)],
    ['pipeline', () => things().updateOne({}, [{ $set: { a: 1 } }])],
    ['option arrayFilters', () => things().updateOne({}, { $set: { a: 1 } }, { arrayFilters: [] })],
    ['type Decimal128', () => things().insertOne({ a: mongoose.mongo.Decimal128.fromString('1') })],
    ['type Long', () => things().insertOne({ a: mongoose.mongo.Long.MAX_VALUE })],
    ['NaN', () => things().insertOne({ a: NaN })],
    ['option expireAfterSeconds', () => things().createIndex({ a: 1 }, { expireAfterSeconds: 1 })],
    ['option partialFilterExpression', () => things().createIndex({ a: 1 }, { partialFilterExpression: { a: 1 } })],
    ['index of kind text', () => things().createIndex({ a: 'text' })],
    ['aggregate', () => things().aggregate([])],
    ['bulkWrite', () => things().bulkWrite([])],
    ['replaceOne', () => things().replaceOne({}, {})],
    ['distinct', () => things().distinct('a')],
    ['watch', () => things().watch()],
    ['startSession', () => hub.startSession()],
    ['option session', () => things().findOne({}, { session: {} as mongoose.mongo.ClientSession })],
    ['listCollections', () => hub.listCollections()],
  ])('is refused by its name: %s', async (name, use) => {
    await expect((async () => use())()).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED', detail: name });
  });

  it('changes nothing', async () => {
    expect(await collection.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ a: 1, list: [1, 2] }, { a: 2 }]);
  });
});

describe('the files', () => {
  it('are readable by their owner alone', async () => {
    for (const file of await readdir(dataDir)) expect([file, (await stat(join(dataDir, file))).mode & 0o077]).toEqual([file, 0]);
  });

  it('keep nothing of what was deleted or changed, once the store is closed', async () => {
    const audit = (await store.database('audit')).collection<{ _id: string; secret: string }>('things');
    await audit.createIndex({ secret: 1 });
    await audit.insertMany(Array.from({ length: 50 }, (_, n) => ({ _id: `t${n}`, secret: `WXYZ-${n} `.repeat(n === 30 ? 5000 : 1) })));
    await audit.updateMany({ _id: { $lt: 't25' } }, { $set: { secret: 'gone' } });
    await audit.deleteMany({ _id: { $gte: 't25' } });
    expect(await audit.countDocuments({ secret: 'gone' })).toBe(18);
    await audit.insertOne({ _id: 'kept', secret: 'KEPT' });
    await store.close();
    const bytes = await readFile(join(dataDir, 'audit.db'));
    expect(bytes.includes('KEPT')).toBe(true);
    expect(bytes.includes('WXYZ')).toBe(false);
    expect((await stat(join(dataDir, 'audit.db-wal')).catch(() => ({ size: 0 }))).size).toBe(0);
  });
});
