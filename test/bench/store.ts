import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { openStore } from '../../store/openStore.ts';

// How fast the store is. Run with NODE_ENV=production; with MONGODB_URI it measures that server instead of the embedded engine.

const DOCUMENTS = Number(process.env['DOCUMENTS'] ?? 20_000);
const uri = process.env['MONGODB_URI'];
const dataDir = await mkdtemp(join(tmpdir(), 'store-bench-'));
const rows: { what: string; each: string; cpu: string; perSecond: string }[] = [];

async function measure(what: string, times: number, inFlight: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const used = process.cpuUsage();
  const began = performance.now();
  const one = async (): Promise<void> => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  rows.push({
    what,
    each: `${((elapsed * 1000) / times).toFixed(1)} µs`,
    cpu: `${((user + system) / times).toFixed(1)} µs`,
    perSecond: Math.round((times / elapsed) * 1000).toLocaleString('en'),
  });
}

const open = () => openStore({ uri, dataDir, databasePrefix: 'bench_' });
let store = await open();
const schema = new mongoose.Schema(
  { _id: String, v: Number, version: Number, state: String, subject: String, at: Number, fields: [String] },
  { versionKey: false, strict: 'throw' },
);
schema.index({ subject: 1, at: -1 });
const modelOf = async () => {
  const Model = (await store.database('hub')).model('Consent', schema, 'consents');
  await Model.init();
  return Model;
};
let Model = await modelOf();
const document = (i: number) => ({
  _id: `consent-${String(i).padStart(12, '0')}`,
  v: 1,
  version: 1,
  state: 'ACTIVE',
  subject: `subject-${i % 1000}`,
  at: i,
  fields: Array.from({ length: 12 }, (_, n) => `dataset.field-${n}`),
});

for (let i = 0; i < DOCUMENTS; i += 1000)
  await Model.insertMany(Array.from({ length: Math.min(1000, DOCUMENTS - i) }, (_, n) => document(i + n)));
const known = (i: number): string => `consent-${String((i * 7919) % DOCUMENTS).padStart(12, '0')}`;
const warm = Math.min(5000, DOCUMENTS);
for (let i = 0; i < warm; i++) await Model.findOne({ _id: known(i) }).lean();

await measure('findOne by _id, lean', 20_000, 1, (i) => Model.findOne({ _id: known(i) }).lean());
await measure('findOne by _id, native collection', 20_000, 1, (i) => Model.collection.findOne({ _id: known(i) } as object));
await measure('$in of 100 ids, lean', 200, 1, (i) =>
  Model.find({ _id: { $in: Array.from({ length: 100 }, (_, n) => known(i * 100 + n)) } }).lean(),
);
await measure('newest 10 of a subject, by index', 2000, 1, (i) =>
  Model.find({ subject: `subject-${i % 1000}` })
    .sort({ at: -1 })
    .limit(10)
    .lean(),
);
await measure('insert, alone', 500, 1, (i) => Model.collection.insertOne(document(DOCUMENTS + i) as object));
await measure('insert, 32 in flight', 20_000, 32, (i) => Model.collection.insertOne(document(DOCUMENTS + 500 + i) as object));
await measure('Model.create, 32 in flight', 5000, 32, (i) => Model.create(document(DOCUMENTS + 20_500 + i)));
await measure('conditional updateOne, 32 in flight', 20_000, 32, (i) =>
  Model.updateOne({ _id: known(i), state: 'ACTIVE' }, { $inc: { version: 1 } }),
);
if (uri) await (await store.database('hub')).dropDatabase();
await store.close();
if (!uri) {
  const began = performance.now();
  store = await open();
  Model = await modelOf();
  await Model.findOne({ _id: known(1) }).lean();
  rows.push({
    what: `open with ${DOCUMENTS + 25_500} documents and read one`,
    each: `${(performance.now() - began).toFixed(1)} ms`,
    cpu: '',
    perSecond: '',
  });
  await store.close();
}
await rm(dataDir, { recursive: true });
console.table(rows);
console.log(`RSS ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
