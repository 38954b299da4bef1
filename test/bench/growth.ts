import { join } from 'node:path';
import type { Bench } from './bench.ts';
import type { Options } from './options.ts';
import { rowOf, warmUp, type Row } from './rows.ts';

const CROWDED = 'crowded';
const THOUSAND = 1000;

/** The same questions with 150 more datasets in the supergraph, and with many more stored consents: each warm and cold, over HTTP. */
export async function measureGrowth(
  bench: Bench,
  { consents, seconds, quick }: Options,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const { folder } = bench;
  const supergraph = join(folder, 'grown.graphql');
  const growing = bench.start('seedProcess.js', bench.cores.gateway);
  await growing.ask('grow', { path: supergraph });
  await growing.end();
  await bench.seed({ folder, data: 'thousand' }, THOUSAND);
  say(`storing ${consents} consents`);
  await bench.seed({ folder, data: CROWDED }, THOUSAND, Math.max(0, consents - THOUSAND));
  const cases = [
    { name: 'thousand', title: '1,000 consents, 9 datasets', data: 'thousand' },
    { name: 'grown', title: '1,000 consents, 159 datasets', data: 'thousand', supergraph },
    { name: CROWDED, title: `${consents.toLocaleString('en')} consents, 9 datasets`, data: CROWDED },
  ];
  const rows: Row[] = [];
  for (const { name, title, ...input } of cases) {
    const gateway = await bench.startGateway({ name, kind: 'guarded', way: 'http', ...input });
    await warmUp(bench, gateway, { credentials: 'dpop' }, quick);
    for (const load of ['warm', 'cold'] as const) {
      const measured = await bench.run(gateway, { credentials: 'dpop', load, seconds, citizens: THOUSAND });
      const row = rowOf({ id: `${name}.${load}`, title: `${title}, ${load}` }, [measured]);
      say(`${row.title}: ${row.cpuMicros} µs`);
      rows.push(row);
    }
    await gateway.process.ask('close');
    await gateway.process.end();
  }
  return rows;
}
