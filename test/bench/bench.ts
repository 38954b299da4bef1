import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { AgencyAddresses } from './agencyProcess.ts';
import type { Way } from './agencyTransports.ts';
import type { GatewayInput, GatewayKind } from './gatewayProcess.ts';
import type { Cores } from './machine.ts';
import { COLD_FROM } from './people.ts';
import type { Phase, PhaseResult } from './phase.ts';
import type { Usage } from './processUsage.ts';
import { startProcess, type BenchProcess } from './rpc.ts';
import type { StorePlace } from './seededStore.ts';
import { isGuarded } from './wirings.ts';

/** A gateway that runs. */
export interface Gateway {
  readonly name: string;
  readonly kind: GatewayKind;
  readonly process: BenchProcess;
  readonly port: number;
  /** What it has answered so far, and how many of those who come once have come. */
  readonly sums: { disclosures: number; cold: number };
}

/** One measured load. */
export interface Measured extends PhaseResult {
  /** User and system time of the gateway's process, its threads and its children. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

export interface LoadOn extends Pick<Phase, 'credentials' | 'load' | 'seconds' | 'withdraws' | 'perSecond'> {
  /** Else as the command line says. */
  readonly concurrency?: number;
  /** Citizens that the gateway's store knows; else all. */
  readonly citizens?: number;
}

/** The processes of one run, and what can be done with them. */
export interface Bench {
  readonly folder: string;
  readonly cores: Cores;
  readonly agencies: BenchProcess;
  readonly load: BenchProcess;
  start(script: string, cores: string | null): BenchProcess;
  /** Fills a store with citizens and their consents, and with consents of strangers. */
  seed(place: StorePlace, citizens: number, strangers?: number): Promise<void>;
  startGateway(input: { readonly name: string; readonly kind: GatewayKind; readonly way: Way } & Partial<GatewayInput>): Promise<Gateway>;
  /** Runs a load on a gateway and measures what it costs there. */
  run(gateway: Gateway, load: LoadOn): Promise<Measured>;
  end(): Promise<void>;
}

interface BenchInput {
  readonly folder: string;
  /** Where the compiled scripts are. */
  readonly scripts: string;
  readonly cores: Cores;
  readonly citizens: number;
  readonly concurrency: number;
}

/** The seeded store that each guarded gateway gets a copy of, unless it needs another. */
const FEW = 'few';

export async function openBench({ folder, scripts, cores, citizens, concurrency }: BenchInput): Promise<Bench> {
  const processes: BenchProcess[] = [];
  const start = (script: string, on: string | null): BenchProcess => {
    const started = startProcess(join(scripts, script), on);
    processes.push(started);
    return started;
  };
  const agencies = start('agencyProcess.js', cores.others);
  const load = start('loadProcess.js', cores.others);
  // One after the other: the first makes the keys.
  const addresses = await agencies.ask<AgencyAddresses>('start', { folder, citizens });
  await load.ask('start', { folder });
  /** Requests a second that a gateway has shown under a kind of load: how many proofs the next one needs. */
  const shown = new Map<string, number>();

  async function seed(place: StorePlace, people: number, strangers = 0): Promise<void> {
    const seeding = start('seedProcess.js', cores.gateway);
    await seeding.ask('seed', { ...place, citizens: people, strangers });
    await seeding.end();
  }
  await seed({ folder, data: FEW }, COLD_FROM);

  return {
    folder,
    cores,
    agencies,
    load,
    start,
    seed,
    async startGateway({ name, ...input }) {
      const data = input.data ?? name;
      if (input.data === undefined && isGuarded(input.kind)) cpSync(join(folder, FEW), join(folder, data), { recursive: true });
      const gateway = start('gatewayProcess.js', cores.gateway);
      const { port } = await gateway.ask<{ port: number }>('start', { folder, addresses, ...input, data } satisfies GatewayInput);
      return { name, kind: input.kind, process: gateway, port, sums: { disclosures: 0, cold: 0 } };
    },
    async run(gateway, { citizens: known = citizens, ...asked }) {
      const isCold = asked.load === 'cold';
      const from = COLD_FROM + gateway.sums.cold;
      const rate = asked.perSecond ?? (shown.get(`${gateway.name} ${asked.load}`) ?? 500) * 1.3;
      const most = Math.min(Math.ceil(rate * asked.seconds), isCold ? known - from : Infinity);
      const guarded = isGuarded(gateway.kind);
      const phase: Phase = { gateway: gateway.name, port: gateway.port, guarded, from, concurrency, most, ...asked };
      await load.ask('prepare', phase);
      await gateway.process.ask('prepare', { requests: most });
      const before = await gateway.process.ask<Usage>('usage');
      const result = await load.ask<PhaseResult>('run', phase);
      const after = await gateway.process.ask<Usage>('usage');
      shown.set(`${gateway.name} ${asked.load}`, result.answers / result.seconds);
      gateway.sums.disclosures += result.disclosures;
      if (isCold) gateway.sums.cold += result.answers;
      return { ...result, cpuMicros: after.cpuMicros - before.cpuMicros, rssBytes: after.rssBytes };
    },
    async end() {
      await Promise.all(processes.map((each) => each.end()));
    },
  };
}
