import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureAttacks } from './attack.ts';
import { openBench, type Bench } from './bench.ts';
import { compileBench } from './compile.ts';
import { measureGrowth } from './growth.ts';
import { readMachine, shareCores } from './machine.ts';
import { measureMixed } from './mixedLoad.ts';
import { measureMongo } from './mongo.ts';
import { measureOpenLoop } from './openLoop.ts';
import { isAsked, readOptions } from './options.ts';
import { takeProfile } from './profiles.ts';
import { countUp, proveWithdrawal } from './proofs.ts';
import { jsonLine, resultsPage, rowTable, sections, type Results } from './report.ts';
import { measureRows } from './rows.ts';
import { startWirings } from './startWirings.ts';
import type { StepResults } from './stepProcess.ts';
import { WIRINGS } from './wirings.ts';

const options = readOptions(process.argv.slice(2), process.env);
const { quick } = options;
const began = performance.now();
const say = (line: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);
const asked = (name: string): boolean => isAsked(options, name);

const machine = readMachine();
const cores = shareCores();
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
// The other processes end when this one does; only the folder would stay.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });
}
let bench: Bench | null = null;
try {
  say(`${options.citizens} citizens, ${options.concurrency} in flight; ${cores.note}; load average ${machine.loadBefore}`);
  const scripts = await compileBench(folder);
  bench = await openBench({ folder, scripts, cores, citizens: options.citizens, concurrency: options.concurrency });
  const results = await measure(bench);
  console.log(`\n${rowTable(results.rows)}\n\n${results.proofs.join('\n')}\n\n${sections(results).join('\n\n')}`);
  if (!quick && options.only === null) await writeFile(join(import.meta.dirname, 'RESULTS.md'), resultsPage(results));
  if (options.json) console.log(jsonLine(results.rows));
} catch (error) {
  console.error(`\nThe bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await bench?.end();
  await rm(folder, { recursive: true, force: true });
}

async function measure(run: Bench): Promise<Results> {
  const wirings = await startWirings(
    run,
    WIRINGS.filter(({ id }) => asked(id)),
    options,
    say,
  );
  const rows = await measureRows(run, wirings, options, say);
  const main = wirings.find(({ id }) => id === 'http.dpop')?.gateway;
  const proving = wirings.filter(({ kind, load }) => kind === 'guarded' && load === 'warm');

  const mixed = main !== undefined && asked('mix') ? [await measureMixed(run, main, options.seconds)] : [];
  const openLoop = asked('open')
    ? await measureOpenLoop(
        run,
        wirings.filter(({ load, id }) => load === 'warm' && /dpop|stock/.test(id)),
        rows,
        options.seconds,
      )
    : [];
  const spots = main !== undefined && !quick ? await takeProfile(run, main, null) : [];
  if (options.profile !== null)
    for (const { id, gateway } of proving) await takeProfile(run, gateway, `${options.profile}.${id}.cpuprofile`);
  const withdrawals: string[] = [];
  if (asked('withdrawal')) for (const { gateway } of proving) withdrawals.push(await proveWithdrawal(run, gateway));
  const gateways = [...new Set(wirings.map(({ gateway }) => gateway))];
  const counts = await countUp(run, gateways);
  await Promise.all(gateways.map((gateway) => gateway.process.end()));
  say('counted: what was disclosed is what was recorded');

  const mongo = options.mongo ? await measureMongo(run, options, say) : [];
  const growth = asked('growth') ? await measureGrowth(run, options, say) : [];
  const attacks = asked('attack') ? await measureAttacks(run, quick) : [];
  const { steps, audit } = asked('steps')
    ? await run.start('stepProcess.js', cores.gateway).ask<StepResults>('start', { folder })
    : { steps: [], audit: [] };
  return {
    rows,
    mixed,
    mongo,
    openLoop,
    growth,
    attacks,
    steps,
    audit,
    spots,
    proofs: [...counts, ...withdrawals],
    machine,
    pinning: cores.note,
    concurrency: options.concurrency,
    citizens: options.citizens,
    command: options.command,
    date: new Date().toISOString().slice(0, 10),
  };
}
