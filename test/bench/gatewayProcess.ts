import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { startProfile, type Profile } from './profile.ts';
import { answerCommands } from './rpc.ts';

// One gateway in a process of its own.

/** Each loads its own modules only: memory is compared, too. */
const WIRINGS = {
  guarded: async (input: WiringInput): Promise<Wiring> => (await import('./guardedGateway.ts')).guardedGateway(input),
  unguarded: async (input: WiringInput): Promise<Wiring> => (await import('./unguardedGateway.ts')).unguardedGateway(input),
  stock: async (input: WiringInput): Promise<Wiring> => (await import('./stockGateway.ts')).stockGateway(input),
} as const;

export type WiringName = keyof typeof WIRINGS;

/** What the process has used since it started, all its threads included. */
export interface Usage {
  /** User and system, microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
  readonly calls: number | null;
}

let wiring: Wiring | null = null;
let profile: Profile | null = null;

/** What still runs behind the last answer (a note of the audit log) belongs to it. */
const SETTLE_MS = 100;

answerCommands({
  async start({ name, ...input }: WiringInput & { readonly name: WiringName }) {
    wiring = await WIRINGS[name](input);
    return { port: wiring.port };
  },
  async usage(): Promise<Usage> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { user, system } = process.cpuUsage();
    return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss(), calls: wiring?.calls() ?? null };
  },
  async profile() {
    profile = await startProfile();
  },
  profiled: () => profile?.stop(),
  close: () => wiring?.close(),
});
