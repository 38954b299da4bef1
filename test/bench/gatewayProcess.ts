import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { guardedGateway } from './guardedGateway.ts';
import { startProfile, type Profile } from './profile.ts';
import { answerCommands } from './rpc.ts';
import { stockGateway } from './stockGateway.ts';
import { unguardedGateway } from './unguardedGateway.ts';

// One gateway in a process of its own.

const WIRINGS = { guarded: guardedGateway, unguarded: unguardedGateway, stock: stockGateway } as const;

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
