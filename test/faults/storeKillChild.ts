import mongoose from 'mongoose';
import { openStore } from '../../store/openStore.ts';

// Writes with 16 in flight until killed. A line is printed when, and only when, a write is acknowledged.

const [dataDir = '', round = ''] = process.argv.slice(2);
const store = await openStore({ dataDir });
const schema = new mongoose.Schema(
  { _id: String, v: Number, key: String, left: Number, right: Number, triple: String },
  { versionKey: false },
);
schema.index({ key: 1 }, { unique: true, sparse: true });
schema.index({ triple: 1 }, { sparse: true });
const Pair = (await store.database('hub')).model('Pair', schema, 'pairs');
await Pair.init();
process.stdout.write('open\n');

async function writer(name: string): Promise<never> {
  for (let turn = 0; ; turn++) {
    const id = `${round}-${name}-${turn}`;
    await Pair.create({ _id: id, v: 1, key: `key ${id}`, left: 0, right: 0 });
    process.stdout.write(`created ${id}\n`);
    await Pair.updateOne({ _id: id, left: 0 }, { $set: { left: turn + 1, right: turn + 1, key: `new ${id}` } });
    process.stdout.write(`changed ${id}\n`);
    await Pair.insertMany(['a', 'b', 'c'].map((part) => ({ _id: `${id}-${part}`, triple: id })));
    process.stdout.write(`tripled ${id}\n`);
    if (turn % 3 !== 2) continue;
    await Pair.deleteOne({ _id: id });
    process.stdout.write(`deleted ${id}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, n) => writer(`w${n}`)));
