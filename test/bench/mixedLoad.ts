import type { Bench, Gateway } from './bench.ts';
import { rowOf, type Row } from './rows.ts';

/** Answers after which every document has been asked of every permitted set a few times. */
const ENOUGH = 2000;
const MOST_WARM_UPS = 8;

/** Many documents asked of citizens who permit different parts of them: each pair is decided, pruned and planned once. */
export async function measureMixed(bench: Bench, gateway: Gateway, seconds: number): Promise<Row> {
  const load = { credentials: 'dpop', load: 'mixed', seconds } as const;
  for (let answers = 0, times = 0; answers < ENOUGH && times < MOST_WARM_UPS; times += 1)
    answers += (await bench.run(gateway, load)).answers;
  return rowOf({ id: 'http.mixed', title: '56 documents, 8 permitted sets' }, [await bench.run(gateway, load)]);
}
