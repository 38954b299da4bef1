import { createWarrantOpener } from '../../schema/warrantOpener.ts';
import { AGENCIES, openAgency } from '../../subgraphs/agencies.ts';
import { agencyMemory, type AgencyMemory } from './agencyMemory.ts';
import { serveBare, type Answering } from './agencyServer.ts';
import { benchKeys } from './benchKeys.ts';
import { benchCitizen, REGISTER_DATE, registerKeys } from './citizens.ts';
import { memoryRegister } from './memoryRegister.ts';
import { answerCommands } from './rpc.ts';

// Five agencies in one process, apart from the gateway. Each on two ports: one opens and checks every warrant as the product's agency does, the
// other asks for none. Their answers are the product's, made once for each query and subject.

export interface AgencyProcessInput {
  readonly folder: string;
  readonly citizens: number;
}

/** Origins by agency. */
export interface AgencyAddresses {
  readonly guarded: Readonly<Record<string, string>>;
  readonly unguarded: Readonly<Record<string, string>>;
}

export interface WarrantCounts {
  readonly opened: number;
  readonly refused: number;
}

/** How an agency fails its callers. */
export interface Misbehaviour {
  readonly agency: string;
  /** HANG: it never answers. TRICKLE: a few bytes at a time. Null: it behaves. */
  readonly how: 'HANG' | 'TRICKLE' | null;
}

const warrants = { opened: 0, refused: 0 };
const memories: AgencyMemory[] = [];
const misbehaving = new Map<string, Misbehaviour['how']>();

async function start({ folder, citizens }: AgencyProcessInput): Promise<AgencyAddresses> {
  const keys = benchKeys(folder);
  const nidOf = registerKeys(citizens);
  const connection = memoryRegister();
  const guarded: [string, string][] = [];
  const unguarded: [string, string][] = [];
  for (const id of AGENCIES) {
    const agency = await openAgency(id, { connection, now: Date.now, registerDate: () => REGISTER_DATE });
    const memory = agencyMemory(agency, nidOf);
    memories.push(memory);
    const { own = [], gateways = [] } = keys.agencies[id] ?? {};
    const open = createWarrantOpener({ agency: id, own, gateways, now: Date.now });
    const refuse = (code: string): never => {
      warrants.refused += 1;
      throw new Error(code);
    };
    const underWarrant: Answering = (query, variables, warrant) => {
      const opened = open(warrant ?? '');
      if ('refused' in opened) return refuse(opened.refused);
      const admission = agency.admit(opened.claims, query, variables);
      if ('refused' in admission) return refuse(admission.refused);
      warrants.opened += 1;
      return misbehaving.get(id) === 'HANG' ? new Promise(() => {}) : memory.answer(query, variables);
    };
    guarded.push([id, await serveBare(underWarrant, () => misbehaving.get(id) === 'TRICKLE')]);
    unguarded.push([id, await serveBare((query, variables) => memory.answer(query, variables))]);
  }
  return { guarded: Object.fromEntries(guarded), unguarded: Object.fromEntries(unguarded) };
}

answerCommands({
  start,
  warrants: (): WarrantCounts => ({ ...warrants }),
  async learn({ citizens }: { readonly citizens: number }) {
    const subjects = Array.from({ length: citizens }, (_, number) => benchCitizen(number).subject);
    for (const memory of memories) await memory.learn(subjects);
  },
  misbehave({ agency, how }: Misbehaviour) {
    misbehaving.set(agency, how);
  },
});
