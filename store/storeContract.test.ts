import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import type { Store } from './openStore.ts';
import { openStore } from './openStore.ts';

/* What the rooms rely on, through mongoose as they use it; the same on both engines. */

const uri = process.env['MONGODB_URI'];
const engines = [{ engine: 'embedded', address: undefined }, ...(uri ? [{ engine: 'mongodb', address: uri }] : [])] as const;

const consentSchema = () => {
  const schema = new mongoose.Schema(
    {
      _id: String,
      v: Number,
      state: String,
      subject: { type: String, default: undefined },
      uses: { type: Number, default: undefined },
      at: { type: Date, default: undefined },
      code: { type: String, default: undefined },
      outbox: { type: [new mongoose.Schema({ kind: String, version: Number }, { _id: false })], default: undefined },
      fields: { type: mongoose.Schema.Types.Mixed, default: undefined },
      sealed: { type: Buffer, default: undefined },
    },
    { versionKey: false, strict: 'throw', minimize: false, writeConcern: { w: 'majority', j: true } },
  );
  schema.index({ code: 1 }, { unique: true, sparse: true });
  schema.index({ subject: 1, at: -1 });
  return schema;
};

describe.each(engines)('the store on $engine', ({ engine, address }) => {
  let store: Store;
  let dataDir: string;
  let made = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-'));
    store = await openStore({ uri: address, dataDir, databasePrefix: `test_${randomBytes(6).toString('hex')}_`, monitorCommands: true });
  });
  afterAll(async () => {
    for (const name of ['hub', 'audit']) await (await store.database(name)).dropDatabase();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** An empty collection of its own. */
  async function consents() {
    const name = `consents${made++}`;
    const Consent = (await store.database('hub')).model(name, consentSchema(), name);
    await Consent.init();
    return Consent;
  }

  it('says which engine it is, and whether it alone writes', () => {
    expect(store.engine).toBe(engine);
    expect(store.ownsAllWrites).toBe(engine === 'embedded');
  });

  it('gives the same connection for the same database, and keeps databases apart', async () => {
    const hub = await store.database('hub');
    expect(await store.database('hub')).toBe(hub);
    const audit = await store.database('audit');
    await hub.collection('same').insertOne({ _id: 'x' } as object);
    expect(await audit.collection('same').countDocuments({})).toBe(0);
    await expect(store.database('../hub')).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });

  it('creates, and reads back as it was written', async () => {
    const Consent = await consents();
    const consent = {
      _id: 'c1',
      v: 1,
      state: 'ACTIVE',
      at: new Date('2026-01-02T03:04:05.678Z'),
      outbox: [{ kind: 'GRANTED', version: 1 }],
      fields: { 'mohw.low-income': ['category'], nested: { none: null, deep: [[1, 2], 2.5, -0.5, true] }, big: 9007199254740991 },
    };
    await Consent.create({ ...consent, sealed: Buffer.from([1, 2, 3]) });
    const read = await Consent.findOne({ _id: 'c1' }).lean().read('primary').readConcern('linearizable').maxTimeMS(1000);
    expect(read).toMatchObject(consent);
    expect(Buffer.from((read?.sealed as unknown as mongoose.mongo.Binary).value())).toEqual(Buffer.from([1, 2, 3]));
    expect(Buffer.isBuffer((await Consent.findById('c1'))?.sealed)).toBe(true);
    expect(await Consent.findOne({ _id: 'none' }).lean()).toBeNull();
    expect(await Consent.exists({ state: 'ACTIVE' })).toEqual({ _id: 'c1' });
  });

  it('refuses a second document with a unique key, in every way of writing one', async () => {
    const Consent = await consents();
    await Consent.insertMany([{ _id: 'a', code: '1' }, { _id: 'b', code: '2' }, { _id: 'c' }, { _id: 'd' }]);
    const duplicate = expect.objectContaining({ code: 11000 });
    await expect(Consent.create({ _id: 'a' })).rejects.toEqual(duplicate);
    await expect(Consent.create({ _id: 'e', code: '1' })).rejects.toEqual(duplicate);
    await expect(Consent.updateOne({ _id: 'b' }, { $set: { code: '1' } })).rejects.toEqual(duplicate);
    await expect(Consent.updateOne({ _id: 'e' }, { $set: { code: '1' } }, { upsert: true })).rejects.toEqual(duplicate);
    // The server that tests run on (FerretDB) refuses this as well, under a code of its own.
    await expect(Consent.findOneAndUpdate({ _id: 'b' }, { $set: { code: '1' } })).rejects.toThrow(/E11000|conflicting key/);
    await expect(Consent.insertMany([{ _id: 'f' }, { _id: 'a' }, { _id: 'g' }])).rejects.toEqual(duplicate);
    expect((await Consent.find().sort({ _id: 1 }).lean()).map(({ _id, code }) => `${_id}${code ?? ''}`)).toEqual([
      'a1',
      'b2',
      'c',
      'd',
      'f',
    ]);
    await Consent.updateOne({ _id: 'a' }, { $unset: { code: 1 } });
    await Consent.create({ _id: 'e', code: '1' });
  });

  it('inserts what it can of an unordered list', async () => {
    const Consent = await consents();
    await Consent.create({ _id: 'b' });
    await expect(Consent.insertMany([{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }], { ordered: false })).rejects.toMatchObject({ code: 11000 });
    expect(await Consent.countDocuments()).toBe(3);
  });

  it('builds a unique index over documents that are there only when they allow it', async () => {
    const collection = (await store.database('hub')).collection(`late${made++}`);
    await collection.insertMany([
      { _id: 1, key: 'x' },
      { _id: 2, key: 'x' },
    ] as object[]);
    await expect(collection.createIndex({ key: 1 }, { unique: true })).rejects.toBeInstanceOf(mongoose.mongo.MongoServerError);
    await collection.deleteOne({ _id: 2 } as object);
    expect(await collection.createIndex({ key: 1 }, { unique: true })).toBe('key_1');
    expect(await collection.createIndex({ key: 1 }, { unique: true })).toBe('key_1');
    await expect(collection.insertOne({ key: 'x' })).rejects.toMatchObject({ code: 11000 });
  });

  it('updates where the condition holds, and tells', async () => {
    const Consent = await consents();
    await Consent.create({ _id: 'c', state: 'ACTIVE', uses: 0 });
    expect(await Consent.updateOne({ _id: 'c', state: 'ACTIVE', uses: { $lt: 1 } }, { $inc: { uses: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    });
    expect(await Consent.updateOne({ _id: 'c', state: 'ACTIVE', uses: { $lt: 1 } }, { $inc: { uses: 1 } })).toMatchObject({
      matchedCount: 0,
      modifiedCount: 0,
    });
    expect(await Consent.updateOne({ _id: 'c' }, { $set: { state: 'ACTIVE' } })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
    expect(await Consent.updateMany({ uses: 1 }, { $set: { uses: 5 } })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    await expect(Consent.collection.updateOne({ _id: 'c' } as object, { $set: { _id: 'd' } })).rejects.toMatchObject({ code: 66 });
    await expect(Consent.collection.updateOne({ _id: 'c' } as object, { $push: { state: 1 } } as object)).rejects.toMatchObject({
      code: 2,
    });
    await expect(Consent.collection.updateOne({ _id: 'c' } as object, { $inc: { state: 1 } })).rejects.toMatchObject({
      code: 14,
    });
    await expect(Consent.collection.updateOne({ _id: 'c' } as object, { $set: { 'state.x': 1 } })).rejects.toMatchObject({ code: 28 });
    await expect(Consent.collection.updateOne({ _id: 'c' } as object, { $set: { at: 1 }, $inc: { at: 1 } })).rejects.toMatchObject({
      code: 40,
    });
  });

  it('gives the document before or after a change', async () => {
    const Consent = await consents();
    await Consent.create({
      _id: 'c',
      state: 'ACTIVE',
      outbox: [
        { kind: 'GRANTED', version: 1 },
        { kind: 'NARROWED', version: 2 },
      ],
    });
    const before = await Consent.findOneAndUpdate({ _id: 'c', state: 'ACTIVE' }, { $set: { state: 'WITHDRAWN' } }).lean();
    expect(before?.state).toBe('ACTIVE');
    expect(await Consent.findOneAndUpdate({ _id: 'c', state: 'ACTIVE' }, { $set: { state: 'X' } }).lean()).toBeNull();
    const after = await Consent.findOneAndUpdate(
      { _id: 'c', state: 'WITHDRAWN' },
      { $pull: { outbox: { version: { $lte: 1 } } }, $push: { 'fields.list': { $each: [1, 2, 3], $slice: -2 } } },
      { returnDocument: 'after', projection: { state: 0 } },
    ).lean();
    expect(after).toEqual({ _id: 'c', outbox: [{ kind: 'NARROWED', version: 2 }], fields: { list: [2, 3] } });
    expect(
      await Consent.findOneAndUpdate({ state: 'WITHDRAWN' }, { $inc: { uses: 1 } }, { includeResultMetadata: true }).lean(),
    ).toMatchObject({
      value: { _id: 'c' },
      lastErrorObject: { updatedExisting: true, n: 1 },
    });
    await Consent.create({ _id: 'd', uses: 9 });
    expect((await Consent.findOneAndUpdate({}, { $set: { v: 1 } }, { sort: { uses: -1 }, returnDocument: 'after' }).lean())?._id).toBe('d');
    expect((await Consent.findOneAndDelete({ _id: 'd' }).lean())?.uses).toBe(9);
    expect(await Consent.countDocuments()).toBe(1);
  });

  it('upserts from the condition, the changes and what only an insertion sets', async () => {
    const Consent = await consents();
    const first = await Consent.updateOne(
      { _id: 'c', state: 'ACTIVE' },
      { $set: { 'fields.a': 1 }, $setOnInsert: { v: 1 }, $inc: { uses: 2 } },
      { upsert: true },
    );
    expect(first).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 'c' });
    const second = await Consent.updateOne({ _id: 'c', state: 'ACTIVE' }, { $setOnInsert: { v: 7 }, $inc: { uses: 2 } }, { upsert: true });
    expect(second).toMatchObject({ matchedCount: 1, upsertedCount: 0, upsertedId: null });
    expect(await Consent.findById('c').lean()).toEqual({ _id: 'c', state: 'ACTIVE', v: 1, uses: 4, fields: { a: 1 } });
    const made = await Consent.findOneAndUpdate({ _id: 'd' }, { $set: { v: 2 } }, { upsert: true, returnDocument: 'after' }).lean();
    expect(made).toEqual({ _id: 'd', v: 2 });
    await expect(Consent.updateOne({ _id: 'c', state: 'OTHER' }, { $set: { v: 1 } }, { upsert: true })).rejects.toMatchObject({
      code: 11000,
    });
  });

  it('saves a changed mongoose document', async () => {
    const Consent = await consents();
    const consent = await Consent.create({ _id: 'c', state: 'REQUESTED', outbox: [{ kind: 'REQUESTED', version: 1 }] });
    consent.state = 'ACTIVE';
    consent.outbox?.push({ kind: 'GRANTED', version: 2 });
    await consent.save();
    expect(await Consent.findById('c').lean()).toMatchObject({ state: 'ACTIVE', outbox: [{ version: 1 }, { version: 2 }] });
  });

  it('finds by equality, lists, ranges, presence and elements; null also means missing', async () => {
    const Consent = await consents();
    await Consent.insertMany([
      { _id: 'a', uses: 1, state: 'ACTIVE', outbox: [{ kind: 'GRANTED', version: 1 }] },
      { _id: 'b', uses: 2, state: null, outbox: [] },
      {
        _id: 'c',
        uses: 3,
        outbox: [
          { kind: 'GRANTED', version: 2 },
          { kind: 'WITHDRAWN', version: 1 },
        ],
      },
    ]);
    const ids = async (filter: object) => (await Consent.find(filter).sort({ _id: 1 }).select('_id').lean()).map(({ _id }) => _id).join('');
    expect(await ids({ uses: { $gt: 1, $lte: 3 } })).toBe('bc');
    expect(await ids({ uses: { $in: [1, 3, 9] } })).toBe('ac');
    expect(await ids({ uses: { $nin: [1, 3] } })).toBe('b');
    expect(await ids({ state: null })).toBe('bc');
    expect(await ids({ state: { $exists: true } })).toBe('ab');
    expect(await ids({ state: { $ne: 'ACTIVE' } })).toBe('bc');
    expect(await ids({ 'outbox.kind': 'GRANTED', 'outbox.version': 1 })).toBe('ac');
    expect(await ids({ outbox: { $elemMatch: { kind: 'GRANTED', version: 1 } } })).toBe('a');
    expect(await ids({ 'outbox.0': { $exists: true } })).toBe('ac');
    expect(await ids({ $or: [{ uses: 1 }, { 'outbox.kind': 'WITHDRAWN' }] })).toBe('ac');
    expect(await ids({ outbox: [] })).toBe('b');
  });

  it('sorts, skips, limits, projects, counts and streams', async () => {
    const Consent = await consents();
    await Consent.insertMany(
      Array.from({ length: 30 }, (_, i) => ({
        _id: `c${String(i).padStart(2, '0')}`,
        subject: `s${i % 3}`,
        at: new Date(i),
        uses: 30 - i,
      })),
    );
    const newest = await Consent.find({ subject: 's1' }).sort({ at: -1 }).skip(1).limit(2).select('uses').lean();
    expect(newest).toEqual([
      { _id: 'c25', uses: 5 },
      { _id: 'c22', uses: 8 },
    ]);
    expect((await Consent.findOne().sort({ uses: 1 }).lean())?._id).toBe('c29');
    expect((await Consent.find({}, { _id: 0, subject: 1 }).limit(1).lean())[0]).toEqual({ subject: 's0' });
    expect(await Consent.countDocuments({ subject: 's1', at: { $gte: new Date(15) } })).toBe(5);
    expect(await Consent.estimatedDocumentCount()).toBe(30);
    const asked = Array.from({ length: 90 }, (_, i) => `c${String((i * 7) % 100).padStart(2, '0')}`);
    const many = await Consent.find({ _id: { $in: [...asked, ...asked] } })
      .sort({ _id: -1 })
      .lean();
    const present = asked.filter((id) => id < 'c30').sort();
    expect(many.map(({ _id }) => _id)).toEqual([...present].reverse());
    const streamed: string[] = [];
    for await (const consent of Consent.find({ uses: { $gt: 25 } })
      .sort({ _id: 1 })
      .lean()
      .cursor())
      streamed.push(consent._id as string);
    expect(streamed).toEqual(['c00', 'c01', 'c02', 'c03', 'c04']);
  });

  it('deletes one or many, and never takes an undefined condition for none', async () => {
    const Consent = await consents();
    await Consent.insertMany([
      { _id: 'a', uses: 1 },
      { _id: 'b', uses: 1 },
      { _id: 'c', uses: 2 },
    ]);
    expect(await Consent.collection.deleteOne({ _id: undefined } as object)).toMatchObject({ deletedCount: 0 });
    expect(await Consent.deleteOne({ uses: 2 })).toMatchObject({ deletedCount: 1 });
    expect(await Consent.deleteMany({ uses: 1 })).toMatchObject({ deletedCount: 2 });
  });

  it('lets exactly one of 200 conditional updates at once win', async () => {
    const Consent = await consents();
    await Consent.create({ _id: 'c', state: 'UNUSED' });
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) => Consent.updateOne({ _id: 'c', state: 'UNUSED' }, { $set: { state: `USED_${i}` } })),
    );
    expect(results.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(1);
    const taken = await Promise.all(
      Array.from({ length: 200 }, () => Consent.findOneAndUpdate({ _id: 'c', uses: { $exists: false } }, { $set: { uses: 1 } }).lean()),
    );
    expect(taken.filter((doc) => doc !== null)).toHaveLength(1);
    const made = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => Consent.create({ _id: `new${i}`, code: 'once' })));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(Array.from({ length: 100 }, () => Consent.updateOne({ _id: 'c' }, { $inc: { v: 1 } })));
    expect((await Consent.findById('c').lean())?.v).toBe(100);
  });

  if (engine === 'mongodb') {
    it('sends writes with the majority concern, and the read that decides as linearizable', async () => {
      const Consent = await consents();
      const sent: Record<string, unknown>[] = [];
      Consent.db.getClient().on('commandStarted', ({ command }) => sent.push(command as Record<string, unknown>));
      await Consent.create({ _id: 'c' });
      await Consent.updateOne({ _id: 'c' }, { $set: { v: 1 } });
      await Consent.findById('c').lean().read('primary').readConcern('linearizable').maxTimeMS(1000);
      expect(sent.find((command) => 'insert' in command)).toMatchObject({ writeConcern: { w: 'majority', j: true } });
      expect(sent.find((command) => 'update' in command)).toMatchObject({ writeConcern: { w: 'majority', j: true } });
      expect(sent.find((command) => 'find' in command)).toMatchObject({ readConcern: { level: 'linearizable' }, maxTimeMS: 1000 });
    });
  }
});
