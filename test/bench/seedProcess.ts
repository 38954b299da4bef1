import { writeFileSync } from 'node:fs';
import { grownSupergraph } from './grownSupergraph.ts';
import { answerCommands } from './rpc.ts';
import { openSeededHub } from './seededHub.ts';
import { openSeeded, type StorePlace } from './seededStore.ts';

// What is there before a gateway starts: what making it leaves in memory is not the gateway's.

answerCommands({
  async seed({ citizens, strangers, ...place }: StorePlace & { readonly citizens: number; readonly strangers: number }) {
    const seeded = await openSeededHub(place, citizens, strangers);
    await seeded.close();
  },
  grow({ path }: { readonly path: string }) {
    writeFileSync(path, grownSupergraph());
  },
  /** Leaves nothing of the bench on a server that others use too. */
  async drop(place: StorePlace) {
    const store = await openSeeded(place);
    for (const name of ['hub', 'audit']) await (await store.database(name)).dropDatabase();
    await store.close();
  },
});
