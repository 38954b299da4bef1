import { measureAttacks, type AttackRow } from './attack.ts';
import type { AuditLatency } from './auditLatency.ts';
import type { Bench } from './bench.ts';
import { measureGrowth } from './growth.ts';
import { measureMixed } from './mixedLoad.ts';
import { measureMongo } from './mongo.ts';
import { measureOpenLoop } from './openLoop.ts';
import { isAsked, type Options } from './options.ts';
import type { HotSpot } from './profile.ts';
import { takeProfile } from './profiles.ts';
import { countUp, proveWithdrawal } from './proofs.ts';
import { measureRows, type Row } from './rows.ts';
import { startWirings, type StartedRow } from './startWirings.ts';
import type { Step } from './step.ts';
import type { StepResults } from './stepProcess.ts';
import { WIRINGS } from './wirings.ts';

/** What was measured; what was not asked for is empty. */
export interface Measurements {
  readonly rows: readonly Row[];
  readonly mixed: readonly Row[];
  readonly openLoop: readonly Row[];
  readonly spots: readonly HotSpot[];
  readonly mongo: readonly Row[];
  readonly growth: readonly Row[];
  readonly attacks: readonly AttackRow[];
  readonly steps: readonly Step[];
  readonly audit: readonly AuditLatency[];
  /** What held, a sentence each. */
  readonly proofs: readonly string[];
}

type Say = (line: string) => void;

/** The wirings first, all alive and in turn; when they are counted up and gone, each section in processes of its own. */
export async function measureAll(bench: Bench, options: Options, say: Say): Promise<Measurements> {
  const asked = (name: string): boolean => isAsked(options, name);
  const wirings = await measureWirings(bench, options, say);
  return {
    ...wirings,
    mongo: options.mongo ? await measureMongo(bench, options, say) : [],
    growth: asked('growth') ? await measureGrowth(bench, options, say) : [],
    attacks: asked('attack') ? await measureAttacks(bench, say) : [],
    ...(asked('steps') ? await measureSteps(bench) : { steps: [], audit: [] }),
  };
}

async function measureWirings(bench: Bench, options: Options, say: Say) {
  const asked = (name: string): boolean => isAsked(options, name);
  const chosen = WIRINGS.filter(({ id }) => asked(id));
  const wirings = await startWirings(bench, chosen, options, say);
  const rows = await measureRows(bench, wirings, options, say);
  const product = wirings.filter(({ kind, load }) => kind === 'guarded' && load === 'warm');
  const overHttp = product.find(({ way }) => way === 'http')?.gateway;
  const compared = wirings.filter(({ kind, load }) => load === 'warm' && (kind === 'guarded' || kind === 'stock'));

  const mixed = overHttp !== undefined && asked('mix') ? [await measureMixed(bench, overHttp, options.seconds)] : [];
  const openLoop = asked('open') ? await measureOpenLoop(bench, compared, rows, options.seconds) : [];
  const spots = await profileAll(bench, wirings, options);
  const withdrawals: string[] = [];
  if (asked('withdrawal')) for (const { gateway } of product) withdrawals.push(await proveWithdrawal(bench, gateway));

  const gateways = [...new Set(wirings.map(({ gateway }) => gateway))];
  const proofs = [...(await countUp(bench, gateways)), ...withdrawals];
  await Promise.all(gateways.map(({ process }) => process.end()));
  say('counted: what was disclosed is what was recorded');
  return { rows, mixed, openLoop, spots, proofs };
}

/** Every warm row into a file where a name for them is given; else the product over HTTP. The summary is of the first one. */
async function profileAll(bench: Bench, wirings: readonly StartedRow[], options: Options): Promise<readonly HotSpot[]> {
  const { profile } = options;
  const warm = wirings.filter(({ load }) => load === 'warm');
  const wanted = profile !== null ? warm : isAsked(options, 'profile') ? warm.filter(({ id }) => id === 'http.dpop') : [];
  const taken: (readonly HotSpot[])[] = [];
  for (const row of wanted) taken.push(await takeProfile(bench, row, profile === null ? null : `${profile}.${row.id}.cpuprofile`));
  return taken[0] ?? [];
}

async function measureSteps(bench: Bench): Promise<StepResults> {
  const process = bench.start('stepProcess.js', bench.cores.gateway);
  const results = await process.ask<StepResults>('start', { folder: bench.folder });
  await process.end();
  return results;
}
