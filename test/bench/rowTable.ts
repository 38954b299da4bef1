import { cpuOf } from './figures.ts';
import { markdownTable } from './markdownTable.ts';
import type { Row } from './rows.ts';

const HEAD = ['wiring', '', 'CPU µs', 'stock ÷', 'fan-out ÷', 'floor ÷', 'requests/s', 'core', 'p50 ms', 'p99 ms', 'RSS MB', 'answers'];

/** The main table. `references` has the rows to compare with; in process is compared with stock in process. */
export function rowTable(rows: readonly Row[], references: readonly Row[] = rows): string {
  const reference = (id: string): number | null => cpuOf(references, id);
  const body = rows.map(({ id, title, cpuMicros, perSecond, p50, p99, rssMb, answers }) => [
    id,
    title,
    String(cpuMicros),
    times(reference(id.startsWith('inProcess') ? 'inProcess.stock' : 'http.stock'), cpuMicros),
    times(reference('http.fanout'), cpuMicros),
    times(reference('http.floor'), cpuMicros),
    String(perSecond),
    `${Math.round((perSecond * cpuMicros) / 10_000)} %`,
    p50.toFixed(1),
    p99.toFixed(1),
    String(rssMb),
    String(answers),
  ]);
  return markdownTable(HEAD, body, 2);
}

/** How many times a row fits into another one. */
function times(reference: number | null, own: number): string {
  return reference === null ? '' : `${(reference / own).toFixed(reference / own < 10 ? 2 : 1)}×`;
}
