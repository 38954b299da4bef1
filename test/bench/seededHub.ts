import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openConsents, type Consents } from '../../gateway/consent/consents.ts';
import type { Service } from '../../gateway/domain/consent.ts';
import { openSubjects, type Subjects } from '../../gateway/identity/subjects.ts';
import { createVault } from '../../gateway/identity/vault.ts';
import { readContract, type Contract } from '../../schema/contract.ts';
import { openStore, type Store } from '../../store/openStore.ts';
import { benchKeys } from './benchKeys.ts';
import { benchService, seedHub } from './seedHub.ts';

/** The hub's database with the bench's service, citizens and consents in it, and the rooms that read them. */
export interface SeededHub {
  readonly store: Store;
  readonly contract: Contract;
  readonly consents: Consents;
  readonly subjects: Subjects;
  readonly service: Service;
  close(): Promise<void>;
}

const bytesOf = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');
const randomId = (): string => randomBytes(16).toString('base64url');

/** Opens the rooms on a store below `root` called `name`, and seeds it. */
export async function openSeededHub(root: string, name: string, citizens: number): Promise<SeededHub> {
  const { hub } = benchKeys(root);
  const store = await openStore({ dataDir: join(root, name) });
  const connection = await store.database('hub');
  const contract = readContract(readFileSync(join(import.meta.dirname, '../../schema/supergraph.graphql'), 'utf8'));
  // Nothing is granted here: there is nothing to publish and no receipt to sign.
  const unused = { publish: async () => undefined, signReceipt: async () => '', issuer: '', manageAt: '' };
  const consents = await openConsents({ connection, contract: () => contract, now: Date.now, randomId, ...unused });
  const vault = createVault({ index: bytesOf(hub.index), seal: hub.seal.map(({ kid, key }) => ({ kid, key: bytesOf(key) })) }, randomBytes);
  const subjects = await openSubjects(connection, vault, randomId);
  const [service] = await consents.services.register([benchService(contract)]);
  if (service === undefined) throw new Error('The service of the bench is not registered.');
  await seedHub({ connection, vault, contract, service, citizens, now: Date.now() });
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
