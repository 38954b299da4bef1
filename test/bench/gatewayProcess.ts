import { writeFileSync } from 'node:fs';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { startProfile, type Profile } from './profile.ts';
import { processUsage, type Usage } from './processUsage.ts';
import { answerCommands } from './rpc.ts';

// One gateway in a process of its own.

/** Each loads its own modules only: memory is compared, too. */
const KINDS = {
  guarded: async (input: WiringInput): Promise<Wiring> => (await import('./guardedGateway.ts')).guardedGateway(input),
  bearer: async (input: WiringInput): Promise<Wiring> => (await import('./bearerGateway.ts')).bearerGateway(input),
  unguarded: async (input: WiringInput): Promise<Wiring> => (await import('./unguardedGateway.ts')).unguardedGateway(input),
  stock: async (input: WiringInput): Promise<Wiring> => (await import('./stockGateway.ts')).stockGateway(input),
  fanout: async (input: WiringInput): Promise<Wiring> => (await import('./fanoutGateway.ts')).fanoutGateway(input),
  floor: async (): Promise<Wiring> => (await import('./floorServer.ts')).floorServer(),
} as const;

export type GatewayKind = keyof typeof KINDS;

export type GatewayInput = WiringInput & { readonly kind: GatewayKind };

let wiring: Wiring | null = null;
let profile: Profile | null = null;

/** What still runs behind the last answer (a note of the audit log) belongs to it. */
const SETTLE_MS = 100;

answerCommands({
  async start({ kind, ...input }: GatewayInput) {
    wiring = await KINDS[kind](input);
    return { port: wiring.port };
  },
  prepare({ requests }: { readonly requests: number }) {
    wiring?.prepare?.(requests);
  },
  async usage(): Promise<Usage> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return processUsage();
  },
  calls: () => wiring?.calls() ?? 0,
  withdraw: ({ number }: { readonly number: number }) => wiring?.withdraw?.(number),
  async profile() {
    profile = await startProfile();
  },
  async profiled({ file }: { readonly file: string | null }) {
    const stopped = await profile?.stop();
    if (stopped !== undefined && file !== null) writeFileSync(file, JSON.stringify(stopped.profile));
    return stopped?.spots;
  },
  close: () => wiring?.close(),
});
