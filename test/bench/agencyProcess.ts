import { join } from 'node:path';
import { createWarrantOpener } from '../../schema/warrantOpener.ts';
import { openStore } from '../../store/openStore.ts';
import { serveAgency, type AgencyLogger } from '../../subgraphs/_kit/serveAgency.ts';
import { AGENCIES, agencyDatabase, openAgency } from '../../subgraphs/agencies.ts';
import { benchKeys } from './benchKeys.ts';
import { benchCitizen, benchRecords, REGISTER_DATE } from './citizens.ts';
import { answerCommands } from './rpc.ts';
import { serveUnguarded } from './unguardedAgency.ts';

// Five agencies in one process, apart from the gateway: each once as the product serves it, and once without warrants.

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

const AT_ONCE = 5000;
const warrants = { opened: 0, refused: 0 };

const complain = (members: object, message: string): void => console.error(`agency: ${message} ${JSON.stringify(members)}`);
const logger: AgencyLogger = { info: () => undefined, warn: complain, error: complain };

async function start({ folder, citizens }: AgencyProcessInput): Promise<AgencyAddresses> {
  const store = await openStore({ dataDir: join(folder, 'agencies') });
  const keys = benchKeys(folder);
  const nids = new Map(Array.from({ length: citizens }, (_, number) => benchCitizen(number)).map(({ subject, nid }) => [subject, nid]));
  const guarded: [string, string][] = [];
  const unguarded: [string, string][] = [];
  for (const id of AGENCIES) {
    const connection = await store.database(agencyDatabase(id));
    const agency = await openAgency(id, { connection, now: Date.now, registerDate: () => REGISTER_DATE });
    const entries = connection.model('RegisterEntry').collection;
    let rows: object[] = [];
    for (let number = 0; number < citizens; number += 1) {
      const key = benchCitizen(number).nid.value;
      for (const [dataset, records] of benchRecords(number)) {
        if (agency.shapes.some((shape) => shape.id === dataset)) rows.push({ _id: `${dataset}:${key}`, v: 1, dataset, key, records });
      }
      if (rows.length < AT_ONCE && number + 1 < citizens) continue;
      await entries.insertMany(rows);
      rows = [];
    }
    const { own = [], gateways = [] } = keys.agencies[id] ?? {};
    const open = createWarrantOpener({ agency: id, own, gateways, now: Date.now });
    const served = await serveAgency({
      agency,
      opener: (token) => {
        const opened = open(token);
        warrants['claims' in opened ? 'opened' : 'refused'] += 1;
        return opened;
      },
      host: '127.0.0.1',
      port: 0,
      logger,
    });
    const plain = await serveUnguarded(agency, (subject) => nids.get(subject));
    guarded.push([id, `http://127.0.0.1:${served.port}`]);
    unguarded.push([id, `http://127.0.0.1:${plain.port}`]);
  }
  return { guarded: Object.fromEntries(guarded), unguarded: Object.fromEntries(unguarded) };
}

answerCommands({ start, warrants: (): WarrantCounts => ({ ...warrants }) });
