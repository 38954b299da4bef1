import type { Row } from './rows.ts';
import type { Step } from './step.ts';

/** Microseconds of CPU for each answered request, by wiring; null: not measured. */
export function cpuOf(rows: readonly Row[], id: string): number | null {
  return rows.find((row) => row.id === id)?.cpuMicros ?? null;
}

/**
 * What consent, five warrants and durable audit cost, as a difference: over HTTP, the bearer wiring and the unguarded one differ in them, and in
 * a token looked up by its digest.
 */
export function guardMicros(rows: readonly Row[]): number | null {
  return difference(cpuOf(rows, 'http.bearer'), cpuOf(rows, 'http.unguarded'));
}

/** The same, told in every way that was measured. */
export function guardSentence(rows: readonly Row[], steps: readonly Step[]): string {
  const overWebSocket = difference(cpuOf(rows, 'webSocket.bearer'), cpuOf(rows, 'webSocket.bare'));
  const sum = steps.filter(({ ofGuard }) => ofGuard).reduce((total, { cpuMicros }) => total + cpuMicros, 0);
  const ways = [
    [guardMicros(rows), 'http.bearer − http.unguarded'],
    [overWebSocket, 'webSocket.bearer − webSocket.bare'],
    [sum === 0 ? null : sum, 'the sum of its warm steps, measured apart'],
  ] as const;
  const told = ways.flatMap(([micros, how]) => (micros === null ? [] : [`**${micros} µs** (${how})`]));
  return told.length === 0 ? '' : `Consent, five warrants and durable audit together cost ${told.join(', ')}.`;
}

/** One line for other tools. */
export function jsonLine(rows: readonly Row[]): string {
  const group = (way: string, names: readonly string[]) => Object.fromEntries(names.map((name) => [name, cpuOf(rows, `${way}.${name}`)]));
  return JSON.stringify({
    http: group('http', ['dpop', 'bearer', 'cold', 'stock', 'fanout', 'unguarded']),
    webSocket: group('webSocket', ['dpop', 'bearer', 'bare']),
    inProcess: group('inProcess', ['dpop', 'bearer', 'stock']),
    guardMicros: guardMicros(rows),
  });
}

function difference(more: number | null, less: number | null): number | null {
  return more === null || less === null ? null : more - less;
}
