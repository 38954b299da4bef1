import type { Attacked, AttackInput } from './attackProcess.ts';
import type { Misbehaviour } from './agencyProcess.ts';
import type { Bench } from './bench.ts';
import type { Phase } from './phase.ts';
import { MISBEHAVING } from './people.ts';
import { quantiles, warmUp } from './rows.ts';

/** What other clients felt during one attack. */
export interface AttackRow {
  readonly title: string;
  /** Of the others, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of the attackers. */
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
}

interface Scene {
  readonly title: string;
  readonly kind: AttackInput['kind'] | null;
  readonly concurrency?: number;
  readonly how?: Misbehaviour['how'];
  readonly load?: Phase['load'];
}

/** What the others ask, each second. */
const PER_SECOND = 200;
const CONNECTIONS = 256;
const SECONDS = 2.5;
/** So many at once wait for the agency. */
const WAITING = 64;

const SCENES: readonly Scene[] = [
  { title: 'calm', kind: null },
  { title: '1 kB of nested fragments', kind: 'bomb' },
  { title: '1,000 aliases', kind: 'aliases' },
  { title: 'depth 300', kind: 'depth' },
  { title: 'a body of 10 MB', kind: 'large' },
  { title: 'a gzip bomb', kind: 'zipped' },
  { title: 'another sound document each time', kind: 'distinct' },
  { title: 'calm, four agencies asked', kind: null, load: 'spared' },
  { title: 'an agency hangs, others ask the other four', kind: 'whole', concurrency: WAITING, how: 'HANG', load: 'spared' },
  { title: 'an agency trickles, others ask the other four', kind: 'whole', concurrency: WAITING, how: 'TRICKLE', load: 'spared' },
];

/** What other clients wait while somebody with a good token means ill, or an agency fails. Their answers are checked as ever. */
export async function measureAttacks(bench: Bench, say: (line: string) => void): Promise<readonly AttackRow[]> {
  const gateway = await bench.startGateway({ name: 'attacked', kind: 'guarded', way: 'http' });
  const attackers = bench.start('attackProcess.js', bench.cores.others);
  await attackers.ask('start', { folder: bench.folder });
  await warmUp(bench, gateway, { credentials: 'dpop' }, true);
  const others = { credentials: 'dpop', seconds: SECONDS, perSecond: PER_SECOND, concurrency: CONNECTIONS } as const;
  await bench.run(gateway, { ...others, load: 'spared', seconds: 1 });
  const rows: AttackRow[] = [];
  for (const { title, kind, concurrency = 4, how = null, load = 'warm' } of SCENES) {
    await bench.agencies.ask('misbehave', { agency: MISBEHAVING, how } satisfies Misbehaviour);
    const input = { port: gateway.port, seconds: SECONDS, concurrency };
    const [{ latencies }, { sent, statuses }] = await Promise.all([
      bench.run(gateway, { ...others, load }),
      kind === null ? { sent: 0, statuses: {} } : attackers.ask<Attacked>('attack', { kind, ...input } satisfies AttackInput),
    ]);
    const at = quantiles(latencies);
    rows.push({ title, p50: at(0.5), p99: at(0.99), sent, statuses });
    say(`${title}: p99 ${at(0.99)} ms`);
  }
  await bench.agencies.ask('misbehave', { agency: MISBEHAVING, how: null } satisfies Misbehaviour);
  await Promise.all([gateway.process.ask('close'), attackers.end()]);
  return rows;
}
