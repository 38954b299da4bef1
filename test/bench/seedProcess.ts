import { answerCommands } from './rpc.ts';
import { openSeededHub } from './seededHub.ts';

// Fills the hub's store before the gateway opens it: what that leaves in memory is not the gateway's.

answerCommands({
  async start({ folder, citizens }: { readonly folder: string; readonly citizens: number }) {
    const seeded = await openSeededHub(folder, 'hub', citizens);
    await seeded.close();
  },
});
