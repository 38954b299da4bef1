import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AgencyAddresses, WarrantCounts } from './agencyProcess.ts';
import { compileBench } from './compile.ts';
import type { Usage, WiringName } from './gatewayProcess.ts';
import type { AuditCounts } from './gatewayWiring.ts';
import type { Phase, PhaseResult } from './loadProcess.ts';
import { readMachine, shareCores } from './machine.ts';
import type { HotSpot } from './profile.ts';
import { hotSpotTable, jsonLine, resultsPage, rowOf, stepTable, table, type Measured, type Results } from './report.ts';
import { startProcess, type BenchProcess } from './rpc.ts';
import type { Step } from './stepProcess.ts';

const USAGE = `npm run bench -- [--quick] [--json] [--no-profile] [--citizens N] [--concurrency N] [--seconds N] [--rounds N]
  --quick     a short run, less exact; leaves RESULTS.md as it is
  --json      the last line holds the figures
  --citizens  how many; each cold request uses one up
  --seconds   of each phase`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'no-profile': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    citizens: { type: 'string' },
    concurrency: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const { quick } = values;
const CITIZENS = count('citizens', quick ? 1000 : 8000);
const CONCURRENCY = count('concurrency', 32);
const SECONDS = count('seconds', quick ? 1.5 : 6);
const ROUNDS = count('rounds', quick ? 1 : 2);
const WARM_UP = quick ? 0.75 : 2.5;
/** Before that many answers the engine still compiles. */
const WARM_ANSWERS = quick ? 250 : 1500;
const GENTLE_ANSWERS = 100;
const PROFILE = quick ? 2 : 8;
const WARM_CITIZENS = 64;
const AGENCIES = 5;
const WIRINGS: readonly WiringName[] = ['guarded', 'unguarded', 'stock'];
const LOADS = ['warm', 'cold'] as const;
const HOT_SPOTS = 25;

function count(name: 'citizens' | 'concurrency' | 'seconds' | 'rounds', standard: number): number {
  const given = values[name];
  if (given === undefined) return standard;
  if (/^[1-9]\d{0,6}$/.test(given)) return Number(given);
  console.error(`--${name} must be a whole number above 0.\n\n${USAGE}`);
  process.exit(2);
}

const began = performance.now();
const say = (line: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);

const machine = readMachine();
const cores = shareCores();
const scripts = await compileBench();
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const processes: BenchProcess[] = [];
// The others end when this process does; only the folder would stay.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });
}
const start = (name: string, on: string | null): BenchProcess => {
  const started = startProcess(join(scripts, name), on);
  processes.push(started);
  return started;
};

try {
  const results = await measure();
  console.log(`\n${table(results.rows)}\n\n${results.checks.join('\n')}`);
  if (results.steps.length > 0) console.log(`\n${stepTable(results.steps)}`);
  if (results.spots.length > 0) console.log(`\nOwn time in the guarded gateway's main thread:\n\n${hotSpotTable(results.spots)}`);
  if (!quick) await writeFile(join(import.meta.dirname, 'RESULTS.md'), resultsPage(results));
  if (values.json) console.log(jsonLine(results));
} catch (error) {
  console.error(`\nThe bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await Promise.all(processes.map((each) => each.end()));
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<Results> {
  say(`${CITIZENS} citizens, ${CONCURRENCY} in flight; ${cores.note}; load average ${machine.loadBefore}`);
  const agencies = start('agencyProcess.js', cores.others);
  const load = start('loadProcess.js', cores.others);
  // One after the other: they share cores, and make their keys only once.
  const addresses = await agencies.ask<AgencyAddresses>('start', { folder, citizens: CITIZENS });
  say('agencies are seeded and answer, with warrants and without');
  const ready = load.ask('start', { folder, citizens: CITIZENS, warmCitizens: WARM_CITIZENS });
  const gateways = new Map<WiringName, { readonly process: BenchProcess; readonly port: number }>();
  const seeding = start('seedProcess.js', cores.gateway);
  await seeding.ask('start', { folder, citizens: CITIZENS });
  await seeding.end();
  say('consents are given');
  for (const name of WIRINGS) {
    const gateway = start('gatewayProcess.js', cores.gateway);
    const { port } = await gateway.ask<{ port: number }>('start', { name, folder, addresses });
    gateways.set(name, { process: gateway, port });
    say(`gateway "${name}" answers`);
  }
  await ready;
  say('tokens are minted');

  let guardedAnswers = 0;
  async function run(wiring: WiringName, kind: Phase['load'], seconds: number, concurrency = CONCURRENCY): Promise<Measured> {
    const { process: gateway, port } = gateways.get(wiring) as { process: BenchProcess; port: number };
    const before = await gateway.ask<Usage>('usage');
    const result = await load.ask<PhaseResult>('run', { wiring, port, load: kind, seconds, concurrency } satisfies Phase);
    const after = await gateway.ask<Usage>('usage');
    if (wiring === 'guarded') guardedAnswers += result.answers;
    return { ...result, cpuMicros: after.cpuMicros - before.cpuMicros, rssBytes: after.rssBytes };
  }

  for (const wiring of WIRINGS) {
    // Gently at first: nothing is compiled yet, and an agency that is late would be a missing answer. Longer on a busy machine.
    for (let answers = 0, times = 0; answers < GENTLE_ANSWERS && times < 6; times += 1)
      answers += (await run(wiring, 'warm', WARM_UP / 4, 2)).answers;
    for (let answers = 0, times = 0; answers < WARM_ANSWERS && times < 8; times += 1)
      answers += (await run(wiring, 'warm', WARM_UP)).answers;
  }
  say('warm');
  const phases = new Map<string, Measured[]>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const kind of LOADS) {
      for (const wiring of WIRINGS) {
        const measured = await run(wiring, kind, SECONDS);
        const name = `${wiring} ${kind}`;
        phases.set(name, [...(phases.get(name) ?? []), measured]);
        const { perSecond, cpuMicros, p99 } = rowOf(wiring, kind, [measured]);
        const note = measured.exhausted ? ' (every cold citizen has been asked for)' : '';
        say(
          `round ${round}/${ROUNDS} ${name.padEnd(14)} ${String(perSecond).padStart(5)} requests/s, ${cpuMicros} µs, p99 ${p99} ms${note}`,
        );
      }
    }
  }
  const rows = WIRINGS.flatMap((wiring) => LOADS.map((kind) => rowOf(wiring, kind, phases.get(`${wiring} ${kind}`) ?? [])));
  const spots = values['no-profile'] ? [] : await hotSpots();
  const checks = await countUp();
  const steps = quick ? [] : await start('stepProcess.js', cores.gateway).ask<readonly Step[]>('start', { folder });
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  return {
    rows,
    machine,
    pinning: cores.note,
    concurrency: CONCURRENCY,
    citizens: CITIZENS,
    command,
    date: new Date().toISOString().slice(0, 10),
    checks,
    spots,
    steps,
  };

  async function hotSpots(): Promise<readonly HotSpot[]> {
    const { process: gateway } = gateways.get('guarded') as { process: BenchProcess };
    await gateway.ask('profile');
    await run('guarded', 'warm', PROFILE);
    const found = await gateway.ask<readonly HotSpot[]>('profiled');
    say('profiled');
    return found.slice(0, HOT_SPOTS);
  }

  /** One miss fails the run. */
  async function countUp(): Promise<readonly string[]> {
    const { process: gateway } = gateways.get('guarded') as { process: BenchProcess };
    const { calls } = await gateway.ask<Usage>('usage');
    const audit = await gateway.ask<AuditCounts>('close');
    const warrants = await agencies.ask<WarrantCounts>('warrants');
    const wanted = guardedAnswers * AGENCIES;
    const counted: readonly (readonly [what: string, found: number | null, expected: number])[] = [
      ['disclosures recorded before they were made (intents), as many as answers', audit.intents, guardedAnswers],
      ['outcomes recorded', audit.outcomes, guardedAnswers],
      ['agency calls, five for each answer', calls, wanted],
      ['warrants named in the intents', audit.warrants, wanted],
      ['warrants opened by the agencies', warrants.opened, wanted],
      ['warrants refused', warrants.refused, 0],
    ];
    const wrong = counted.filter(([, found, expected]) => found !== expected);
    if (wrong.length > 0) throw new Error(wrong.map(([what, found, expected]) => `${what}: ${found}, not ${expected}.`).join(' '));
    return [
      ...counted.map(([what, found]) => `${found} ${what}`),
      `${audit.commits} durable writes of the audit log, shared by intents and outcomes`,
    ];
  }
}
