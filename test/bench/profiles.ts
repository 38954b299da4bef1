import type { Bench } from './bench.ts';
import type { HotSpot } from './profile.ts';
import type { StartedRow } from './startWirings.ts';

const SECONDS = 5;
const HOT_SPOTS = 25;

/** Profiles a row's gateway under the warm load; writes what the inspector gives to `file`, if any. */
export async function takeProfile(bench: Bench, { gateway, credentials }: StartedRow, file: string | null): Promise<readonly HotSpot[]> {
  await gateway.process.ask('profile');
  await bench.run(gateway, { credentials, load: 'warm', seconds: SECONDS });
  const spots = await gateway.process.ask<readonly HotSpot[]>('profiled', { file });
  return spots.slice(0, HOT_SPOTS);
}
