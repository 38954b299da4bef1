import type { WiringName } from './gatewayProcess.ts';
import type { PhaseResult } from './loadProcess.ts';
import type { Machine } from './machine.ts';
import type { HotSpot } from './profile.ts';
import type { Step } from './stepProcess.ts';

/** Figures of one wiring under one load, all rounds together. */
export interface Row {
  readonly wiring: WiringName;
  readonly load: 'warm' | 'cold';
  readonly answers: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** User and system time of the gateway's process, all its threads, for each answered request. */
  readonly cpuMicros: number;
  readonly rssMb: number;
}

/** One measured phase. */
export interface Measured extends PhaseResult {
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

export function rowOf(wiring: WiringName, load: Row['load'], phases: readonly Measured[]): Row {
  const sum = (pick: (phase: Measured) => number): number => phases.reduce((total, phase) => total + pick(phase), 0);
  const answers = sum((phase) => phase.answers);
  const latencies = phases.flatMap((phase) => phase.latencies).sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN;
  return {
    wiring,
    load,
    answers,
    perSecond: round(answers / sum((phase) => phase.seconds)),
    p50: round(at(0.5), 1),
    p99: round(at(0.99), 1),
    cpuMicros: round(sum((phase) => phase.cpuMicros) / answers),
    rssMb: round(Math.max(...phases.map((phase) => phase.rssBytes)) / 1e6),
  };
}

const NAMES: Readonly<Record<WiringName, string>> = {
  guarded: 'ours: token, DPoP, consent, warrants, durable audit',
  unguarded: 'ours, all of these left out',
  stock: 'stock gateway (ApolloServer, ApolloGateway, RemoteGraphQLDataSource)',
};

/** A table in Markdown; it reads well on a terminal, too. */
export function table(rows: readonly Row[]): string {
  const stock = (load: Row['load']): number => rows.find((row) => row.wiring === 'stock' && row.load === load)?.cpuMicros ?? NaN;
  const head = ['wiring', 'load', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/request', 'core', 'of stock', 'RSS MB', 'answers'];
  const body = rows.map((row) => [
    NAMES[row.wiring],
    row.load,
    String(row.perSecond),
    row.p50.toFixed(1),
    row.p99.toFixed(1),
    String(row.cpuMicros),
    `${round((row.perSecond * row.cpuMicros) / 10_000)} %`,
    `${round(stock(row.load) / row.cpuMicros, 2)}×`,
    String(row.rssMb),
    String(row.answers),
  ]);
  const widths = head.map((title, column) => Math.max(...[head, ...body].map((cells) => cells[column]?.length ?? title.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

export function hotSpotTable(spots: readonly HotSpot[]): string {
  return [
    '| share | function | where |',
    '| ----: | -------- | ----- |',
    ...spots.map(({ name, where, share }) => `| ${(share * 100).toFixed(1)} % | ${name} | ${where} |`),
  ].join('\n');
}

export function stepTable(steps: readonly Step[]): string {
  return ['| step | CPU µs |', '| ---- | -----: |', ...steps.map(({ name, cpuMicros }) => `| ${name} | ${cpuMicros} |`)].join('\n');
}

export interface Results {
  readonly rows: readonly Row[];
  readonly machine: Machine;
  readonly pinning: string;
  readonly concurrency: number;
  readonly citizens: number;
  readonly command: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly checks: readonly string[];
  readonly spots: readonly HotSpot[];
  readonly steps: readonly Step[];
}

/** The text of RESULTS.md. */
export function resultsPage({ rows, machine, pinning, concurrency, citizens, command, date, checks, spots, steps }: Results): string {
  const load =
    machine.loadBefore > 1
      ? `. **Taken on a busy machine** (load average ${machine.loadBefore} before the run): compare rows of this table only`
      : '';
  return `# Bench results

One query over all nine datasets of the five agencies (41 fields, nested lists), agencies over HTTP in a process of their own, ${concurrency} requests in flight,
production mode. *Warm*: 64 citizens in rotation, a fresh DPoP proof on every request. *Cold*: every request another citizen, with a token, key, proof and
consent never seen before. Every answer was compared with the records, to the letter. CPU is user and system time of the gateway's
process, all its threads; *core* is how much of one core that is (where it is well below 100 %, agencies and load were the limit of requests/s);
*of stock* is the stock gateway's CPU divided by this row's. What is measured is written in the files beside this one.

${table(rows)}

- ${date}, \`${command}\`: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}; ${pinning}${load}.
- ${citizens} citizens in the embedded store.
${checks.map((check) => `- ${check}`).join('\n')}
${steps.length === 0 ? '' : `\n## What each step of the guard costs\n\nFor one request, measured apart, ${concurrency} in flight; the thread pool included.\n\n${stepTable(steps)}\n`}${spots.length === 0 ? '' : `\n## Where the guarded gateway's time goes\n\nOwn time of the main thread while it answers the warm load (waiting left out).\n\n${hotSpotTable(spots)}\n`}`;
}

/** One line for other tools. `http` is CPU µs per answered request. */
export function jsonLine({ rows, machine, checks, steps }: Results): string {
  const cpu = (wiring: WiringName, load: Row['load']): number | null =>
    rows.find((row) => row.wiring === wiring && row.load === load)?.cpuMicros ?? null;
  const [dpop, unguarded] = [cpu('guarded', 'warm'), cpu('unguarded', 'warm')];
  return JSON.stringify({
    http: { dpop, cold: cpu('guarded', 'cold'), stock: cpu('stock', 'warm'), unguarded },
    guardMicros: dpop === null || unguarded === null ? null : dpop - unguarded,
    rows,
    steps,
    checks,
    machine,
  });
}
