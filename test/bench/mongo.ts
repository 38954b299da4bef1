import { randomBytes } from 'node:crypto';
import type { Bench } from './bench.ts';
import type { Options } from './options.ts';
import { measureRows, type Row } from './rows.ts';
import { startWirings, storeName } from './startWirings.ts';
import { MONGO_WIRINGS } from './wirings.ts';

/** Who ask once: a server of the protocol is filled slowly. */
const CITIZENS = 1500;

/** The same rows with the hub's store on the MongoDB-protocol server of MONGODB_URI, in databases of the run's own. */
export async function measureMongo(bench: Bench, options: Options, say: (line: string) => void): Promise<readonly Row[]> {
  const prefix = `bench_${randomBytes(4).toString('hex')}_`;
  try {
    const rows = await startWirings(bench, MONGO_WIRINGS, { ...options, citizens: CITIZENS }, say, { mongo: true, prefix });
    const measured = await measureRows(bench, rows, { ...options, rounds: 1 }, say, CITIZENS);
    for (const { process } of new Set(rows.map(({ gateway }) => gateway))) {
      await process.ask('close');
      await process.end();
    }
    return measured;
  } finally {
    const dropping = bench.start('seedProcess.js', bench.cores.gateway);
    for (const data of new Set(MONGO_WIRINGS.map((row) => storeName(row, prefix))))
      await dropping.ask('drop', { folder: bench.folder, data, mongo: true });
    await dropping.end();
  }
}
