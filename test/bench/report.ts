import type { AttackRow } from './attack.ts';
import type { AuditLatency } from './auditLatency.ts';
import type { Machine } from './machine.ts';
import type { Measurements } from './measureAll.ts';
import type { Options } from './options.ts';
import type { HotSpot } from './profile.ts';
import type { Row } from './rows.ts';
import type { Step } from './step.ts';
import { markdownTable } from './markdownTable.ts';

/** One run. */
export interface Results extends Measurements {
  readonly machine: Machine;
  readonly options: Options;
  readonly pinning: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** Microseconds of CPU for each answered request, by wiring; null: not measured. */
export function cpuOf(rows: readonly Row[], id: string): number | null {
  return rows.find((row) => row.id === id)?.cpuMicros ?? null;
}

/** Consent, five warrants and audit: the bearer wiring and the one without them differ in nothing else but a token known by its digest. */
export function guardMicros(rows: readonly Row[]): number | null {
  const [with_, without] = [cpuOf(rows, 'http.bearer'), cpuOf(rows, 'http.unguarded')];
  return with_ === null || without === null ? null : with_ - without;
}

/** How many times a row fits into another one, or nothing. */
function times(reference: number | null, own: number): string {
  return reference === null ? '' : `${(reference / own).toFixed(reference / own < 10 ? 2 : 1)}×`;
}

/** The main table. In process is compared with stock in process. */
export function rowTable(rows: readonly Row[]): string {
  const [stock, stockHere] = [cpuOf(rows, 'http.stock'), cpuOf(rows, 'inProcess.stock')];
  const [fanout, floor] = [cpuOf(rows, 'http.fanout'), cpuOf(rows, 'http.floor')];
  const head = ['wiring', '', 'CPU µs', 'stock ÷', 'fan-out ÷', 'floor ÷', 'requests/s', 'core', 'p50 ms', 'p99 ms', 'RSS MB', 'answers'];
  const body = rows.map(({ id, title, cpuMicros, perSecond, p50, p99, rssMb, answers }) => [
    id,
    title,
    String(cpuMicros),
    times(id.startsWith('inProcess') ? stockHere : stock, cpuMicros),
    times(fanout, cpuMicros),
    times(floor, cpuMicros),
    String(perSecond),
    `${Math.round((perSecond * cpuMicros) / 10_000)} %`,
    p50.toFixed(1),
    p99.toFixed(1),
    String(rssMb),
    String(answers),
  ]);
  return markdownTable(head, body, 2);
}

function latencyTable(rows: readonly Row[]): string {
  const body = rows.map(({ id, perSecond, p50, p99, cpuMicros }) => [
    id,
    String(perSecond),
    p50.toFixed(2),
    p99.toFixed(2),
    String(cpuMicros),
  ]);
  return markdownTable(['wiring', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs'], body, 1);
}

function growthTable(rows: readonly Row[]): string {
  const body = rows.map(({ title, cpuMicros, p50, rssMb, answers }) => [
    title,
    String(cpuMicros),
    p50.toFixed(1),
    String(rssMb),
    String(answers),
  ]);
  return markdownTable(['store and supergraph', 'CPU µs', 'p50 ms', 'RSS MB', 'answers'], body, 1);
}

function attackTable(rows: readonly AttackRow[]): string {
  const body = rows.map(({ title, p50, p99, sent, statuses }) => {
    const answered = Object.entries(statuses).map(([status, count]) => `${count} × ${status === '0' ? 'cut off' : status}`);
    return [title, p50.toFixed(1), p99.toFixed(1), String(sent), answered.join(', ')];
  });
  return markdownTable(['meanwhile', 'p50 ms', 'p99 ms', 'sent', 'answered to the attackers'], body, 1);
}

function stepTable(steps: readonly Step[]): string {
  return markdownTable(
    ['step', 'CPU µs'],
    steps.map(({ name, cpuMicros }) => [name, String(cpuMicros)]),
    1,
  );
}

function auditTable(rows: readonly AuditLatency[]): string {
  const body = rows.map(({ inFlight, perSecond, p50, p99, cpuMicros }) => [inFlight, perSecond, p50, p99, cpuMicros].map(String));
  return markdownTable(['in flight', 'entries/s', 'p50 ms', 'p99 ms', 'CPU µs/entry'], body, 0);
}

function hotSpotTable(spots: readonly HotSpot[]): string {
  const body = spots.map(({ name, where, share }) => [`${(share * 100).toFixed(1)} %`, name, where]);
  return markdownTable(['share', 'function', 'where'], body, 3);
}

/** The sections that were measured, each with what it shows. */
export function sections(results: Results): readonly string[] {
  const { rows, mixed, mongo, openLoop, growth, attacks, steps, audit, spots, options } = results;
  const guard = guardMicros(rows);
  const section = (title: string, why: string, of: readonly unknown[], table: () => string): string[] =>
    of.length === 0 ? [] : [`## ${title}\n\n${why}\n\n${table()}`];
  return [
    ...section(
      'Many documents, many consents',
      'http.dpop, 56 documents asked of citizens who permit eight different parts of them.',
      mixed,
      () => rowTable(mixed),
    ),
    ...section('On a MongoDB-protocol server', 'For the record: the server of MONGODB_URI; its own CPU is not counted.', mongo, () =>
      rowTable(mongo),
    ),
    ...section(
      'Latency at half of saturation',
      'Requests arrive at a fixed rate, half of what the table above shows; latency counts from when each was due.',
      openLoop,
      () => latencyTable(openLoop),
    ),
    ...section('Growth', 'http.dpop, warm and cold, in gateways of their own.', growth, () => growthTable(growth)),
    ...section(
      'Other clients during an attack',
      'http.dpop, 200 requests a second arriving at a fixed rate, each answer checked; the attackers hold good tokens and send as fast as they are answered.',
      attacks,
      () => attackTable(attacks),
    ),
    ...section(
      'What each step of the guard costs',
      `For one request of five agencies, measured apart, ${options.concurrency} in flight; the thread pool included.${guard === null ? '' : ` As a difference of wirings (http.bearer − http.unguarded), consent, five warrants and audit together cost **${guard} µs**.`}`,
      steps,
      () => stepTable(steps),
    ),
    ...section(
      'How long an intent waits for its durable write',
      'The audit log alone, entries appended as fast as they are acknowledged.',
      audit,
      () => auditTable(audit),
    ),
    ...section(
      "Where the guarded gateway's time goes",
      'http.dpop: own time of the main thread while it answers the warm load (waiting left out).',
      spots,
      () => hotSpotTable(spots),
    ),
  ];
}

/** The text of RESULTS.md. */
export function resultsPage(results: Results): string {
  const { rows, machine, pinning, options, date, proofs } = results;
  const { concurrency, citizens, command } = options;
  const busy =
    machine.loadBefore > 1
      ? `. **Taken on a busy machine** (load average ${machine.loadBefore} before the run): CPU is fair, requests/s and latencies are not`
      : '';
  return `# Bench results

One query over all nine datasets of the five agencies (41 fields, nested lists), ${concurrency} requests in flight, production mode, the gateway alone on one core; agencies and
clients share the other, so that they limit requests/s: **CPU for each answered request** is the measure (user and system time of the gateway's process, its threads and children).
*Warm*: 64 citizens in rotation. *Cold*: every request another citizen, with a token, key, proof and consent never seen before. Every answer was compared with the records and the
consents, to the letter. \`stock ÷\` is the stock gateway's CPU divided by this row's (in process: by stock in process); \`core\` how much of its core the gateway used.
What is measured, and what is left out, is written in the files beside this one.

${rowTable(rows)}

- ${date}, \`${command}\`: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}; ${pinning}${busy}.
- ${citizens} citizens in the embedded store of the cold row.
${proofs.map((proof) => `- ${proof}.`).join('\n')}

${sections(results).join('\n\n')}
`;
}

/** One line for other tools: microseconds of CPU for each answered request. */
export function jsonLine(rows: readonly Row[]): string {
  const group = (way: string, names: readonly string[]) => Object.fromEntries(names.map((name) => [name, cpuOf(rows, `${way}.${name}`)]));
  return JSON.stringify({
    http: group('http', ['dpop', 'bearer', 'cold', 'stock', 'fanout', 'unguarded']),
    webSocket: group('webSocket', ['dpop', 'bearer', 'bare']),
    inProcess: group('inProcess', ['dpop', 'bearer', 'stock']),
    guardMicros: guardMicros(rows),
  });
}
