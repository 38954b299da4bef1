import type { Bench, Gateway, Measured } from './bench.ts';
import type { Options } from './options.ts';
import type { WiringRow } from './wirings.ts';

/** Figures of one wiring, all rounds together. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly answers: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** For each answered request. */
  readonly cpuMicros: number;
  readonly rssMb: number;
}

/** Before that many answers the engine still compiles. */
const WARM_ANSWERS = { quick: 300, whole: 2000 };
/** On a busy machine it takes longer. */
const MOST_WARM_UPS = 25;

/** Lets a gateway answer until its code is compiled and its caches are filled: gently at first, because nothing is there yet. */
export async function warmUp(
  bench: Bench,
  gateway: Gateway,
  { credentials }: Pick<WiringRow, 'credentials'>,
  quick: boolean,
): Promise<void> {
  await bench.run(gateway, { credentials, load: 'warm', seconds: 0.3, concurrency: 2 });
  const enough = quick ? WARM_ANSWERS.quick : WARM_ANSWERS.whole;
  for (let answers = 0, times = 0; answers < enough && times < MOST_WARM_UPS; times += 1)
    answers += (await bench.run(gateway, { credentials, load: 'warm', seconds: quick ? 0.7 : 1.2 })).answers;
}

/** Measures wirings in turn, round after round, so that whatever the machine does meanwhile meets all of them. */
export async function measureRows(
  bench: Bench,
  rows: readonly (WiringRow & { readonly gateway: Gateway })[],
  { rounds, seconds }: Options,
  say: (line: string) => void,
  citizens?: number,
): Promise<readonly Row[]> {
  const phases = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const row of rows) {
      const measured = await bench.run(row.gateway, {
        credentials: row.credentials,
        load: row.load,
        seconds,
        ...(citizens !== undefined && { citizens }),
      });
      phases.set(row.id, [...(phases.get(row.id) ?? []), measured]);
      const { perSecond, cpuMicros, p99 } = rowOf(row, [measured]);
      say(`round ${round}/${rounds} ${row.id.padEnd(17)} ${String(perSecond).padStart(6)} requests/s, ${cpuMicros} µs, p99 ${p99} ms`);
    }
  }
  return rows.map((row) => rowOf(row, phases.get(row.id) ?? []));
}

export function rowOf({ id, title }: Pick<Row, 'id' | 'title'>, phases: readonly Measured[]): Row {
  const sum = (pick: (phase: Measured) => number): number => phases.reduce((total, phase) => total + pick(phase), 0);
  const answers = sum((phase) => phase.answers);
  const at = quantiles(phases.flatMap((phase) => phase.latencies));
  return {
    id,
    title,
    answers,
    perSecond: Math.round(answers / sum((phase) => phase.seconds)),
    p50: at(0.5),
    p99: at(0.99),
    cpuMicros: Math.round(sum((phase) => phase.cpuMicros) / answers),
    rssMb: Math.round(Math.max(...phases.map((phase) => phase.rssBytes)) / 1e6),
  };
}

/** Of milliseconds, to a hundredth. */
export function quantiles(values: readonly number[]): (share: number) => number {
  const sorted = [...values].sort((a, b) => a - b);
  return (share) => Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(2));
}
