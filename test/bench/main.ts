import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBench, type Bench } from './bench.ts';
import { compileBench } from './compile.ts';
import { jsonLine } from './figures.ts';
import { readMachine, shareCores } from './machine.ts';
import { measureAll } from './measureAll.ts';
import { readOptions } from './options.ts';
import { resultsPage } from './resultsPage.ts';
import { rowTable } from './rowTable.ts';
import { sections } from './sections.ts';

// `npm run bench`: measures the hub against the stock gateway, a hand-written program and the floor; RESULTS.md is its page.

const options = readOptions(process.argv.slice(2), process.env);
const began = performance.now();
const say = (line: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);

const machine = readMachine();
const cores = shareCores();
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
let bench: Bench | null = null;
async function leave(): Promise<void> {
  await bench?.end();
  await rm(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave().finally(() => process.exit(130)));

try {
  say(`${options.citizens} citizens, ${options.concurrency} in flight; ${cores.note}; load average ${machine.loadBefore}`);
  const scripts = await compileBench(folder);
  bench = await openBench({ folder, scripts, cores, citizens: options.citizens, concurrency: options.concurrency });
  const measured = await measureAll(bench, options, say);
  const results = { ...measured, machine, options, pinning: cores.note, date: new Date().toISOString().slice(0, 10) };
  console.log(`\n${[rowTable(results.rows), results.proofs.join('\n'), ...sections(results)].join('\n\n')}`);
  if (!options.quick && options.only === null) await writeFile(join(import.meta.dirname, 'RESULTS.md'), resultsPage(results));
  if (options.json) console.log(jsonLine(results.rows));
} catch (error) {
  console.error(`\nThe bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await leave();
}
