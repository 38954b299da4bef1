import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openConsents, type Consents } from '../../gateway/consent/consents.ts';
import type { Service } from '../../gateway/domain/consent.ts';
import { openSubjects, type Subjects } from '../../gateway/identity/subjects.ts';
import { readContract, type Contract } from '../../schema/contract.ts';
import type { Store } from '../../store/openStore.ts';
import { benchKeys } from './benchKeys.ts';
import { benchVault } from './benchVault.ts';
import { openSeeded, SUPERGRAPH, type StorePlace } from './seededStore.ts';
import { benchService } from './benchService.ts';
import { seedHub } from './seedHub.ts';

/** The hub's database with the bench's service, citizens and consents in it, and the rooms that read them. */
export interface SeededHub {
  readonly store: Store;
  readonly contract: Contract;
  readonly consents: Consents;
  readonly subjects: Subjects;
  readonly service: Service;
  close(): Promise<void>;
}

const randomId = (): string => randomBytes(16).toString('base64url');

/** Opens the rooms on a store of the bench, and seeds it. */
export async function openSeededHub(place: StorePlace, citizens: number, strangers = 0): Promise<SeededHub> {
  const { hub } = benchKeys(place.folder);
  const store = await openSeeded(place);
  const connection = await store.database('hub');
  const contract = readContract(readFileSync(SUPERGRAPH, 'utf8'));
  // Nothing is granted here: there is nothing to publish and no receipt to sign.
  const unused = { publish: async () => undefined, signReceipt: async () => '', issuer: '', manageAt: '' };
  const consents = await openConsents({ connection, contract: () => contract, now: Date.now, randomId, ...unused });
  const vault = benchVault(hub);
  const subjects = await openSubjects(connection, vault, randomId);
  const [service] = await consents.services.register([benchService(contract)]);
  if (service === undefined) throw new Error('The service of the bench is not registered.');
  await seedHub({ connection, vault, contract, service, citizens, strangers, now: Date.now() });
  return {
    store,
    contract,
    consents,
    subjects,
    service,
    async close() {
      await consents.close();
      await store.close();
    },
  };
}
