import { guardSentence } from './figures.ts';
import { markdownTable } from './markdownTable.ts';
import type { Measurements } from './measureAll.ts';
import { rowTable } from './rowTable.ts';

/** The sections that were measured, each with what it shows. */
export function sections({ rows, mixed, mongo, openLoop, growth, attacks, steps, audit, spots }: Measurements): readonly string[] {
  const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
  return [
    section(
      'Many documents, many consents',
      'http.dpop, 56 documents asked of citizens who permit eight different parts of them.',
      mixed,
      () => rowTable(mixed, rows),
    ),
    section('On a MongoDB-protocol server', 'For the record: the server of MONGODB_URI, whose own CPU is not counted.', mongo, () =>
      rowTable(mongo, rows),
    ),
    section(
      'Latency at half of saturation',
      'Requests arrive at a fixed rate, half of what the table above shows; latency counts from when each was due.',
      openLoop.map(({ id, perSecond, p50, p99, cpuMicros }) => [id, String(perSecond), ms(p50), ms(p99), String(cpuMicros)]),
      (body) => markdownTable(['wiring', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs'], body, 1),
    ),
    section(
      'Growth',
      'http.dpop, warm and cold, in gateways of their own.',
      growth.map(({ title, cpuMicros, p50, rssMb, answers }) => [title, String(cpuMicros), ms(p50), String(rssMb), String(answers)]),
      (body) => markdownTable(['store and supergraph', 'CPU µs', 'p50 ms', 'RSS MB', 'answers'], body, 1),
    ),
    section(
      'Other clients during an attack',
      'http.dpop, 200 requests a second arriving at a fixed rate, each answer checked; the attackers hold good tokens and send as fast as they are answered.',
      attacks.map(({ title, p50, p99, sent, statuses }) => [title, ms(p50), ms(p99), String(sent), toldOf(statuses)]),
      (body) => markdownTable(['meanwhile', 'p50 ms', 'p99 ms', 'sent', 'answered to the attackers'], body, 1),
    ),
    section(
      'What each step of the guard costs',
      `For one request of five agencies, measured apart, 32 in flight; the thread pool included. ${guardSentence(rows, steps)}`,
      steps.map(({ name, cpuMicros }) => [name, String(cpuMicros)]),
      (body) => markdownTable(['step', 'CPU µs'], body, 1),
    ),
    section(
      'How long an intent waits for its durable write',
      'The audit log alone, entries appended as fast as they are acknowledged.',
      audit.map(({ inFlight, perSecond, p50, p99, cpuMicros }) => [inFlight, perSecond, ms(p50), ms(p99), cpuMicros].map(String)),
      (body) => markdownTable(['in flight', 'entries/s', 'p50 ms', 'p99 ms', 'CPU µs/entry'], body, 0),
    ),
    section(
      "Where the guarded gateway's time goes",
      'http.dpop: own time of the main thread while it answers the warm load (waiting left out).',
      spots.map(({ name, where, share }) => [`${(share * 100).toFixed(1)} %`, name, where]),
      (body) => markdownTable(['share', 'function', 'where'], body, 3),
    ),
  ].filter((text) => text !== '');
}

/** Nothing where nothing was measured. */
function section<Of>(title: string, why: string, body: readonly Of[], table: (body: readonly Of[]) => string): string {
  return body.length === 0 ? '' : `## ${title}\n\n${why.trim()}\n\n${table(body)}`;
}

function toldOf(statuses: Readonly<Record<string, number>>): string {
  return Object.entries(statuses)
    .map(([status, count]) => `${count} × ${status === '0' ? 'cut off' : status}`)
    .join(', ');
}
