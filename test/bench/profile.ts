import { Session, type Profiler } from 'node:inspector/promises';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One function (or the collector, or native code under no function) and its own share of the main thread's busy time. */
export interface HotSpot {
  readonly name: string;
  /** File and line in what ran; empty for what is native. */
  readonly where: string;
  /** Own time, without what it calls. */
  readonly share: number;
}

export interface Profile {
  /** What a `.cpuprofile` holds, and its summary. */
  stop(): Promise<{ readonly profile: Profiler.Profile; readonly spots: readonly HotSpot[] }>;
}

const SAMPLE_MICROS = 200;

/** Profiles the main thread of this process until stopped. */
export async function startProfile(): Promise<Profile> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS });
  await session.post('Profiler.start');
  return {
    async stop() {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return { profile, spots: hotSpots(profile) };
    },
  };
}

/** Waiting, and the profiler's own start and stop. */
const NOT_OURS: ReadonlySet<string> = new Set(['(idle)', 'dispatch']);

/** Own time by function, the greatest first; waiting is left out. */
function hotSpots({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): HotSpot[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const spots = new Map<string, { name: string; where: string; micros: number }>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || (frame.url === '' && NOT_OURS.has(frame.functionName))) continue;
    const micros = timeDeltas[index] ?? 0;
    busy += micros;
    const name = frame.functionName || '(anonymous)';
    const where = frame.url === '' ? '' : `${shorten(frame.url)}:${frame.lineNumber + 1}`;
    const spot = spots.get(`${name} ${where}`) ?? { name, where, micros: 0 };
    spot.micros += micros;
    spots.set(`${name} ${where}`, spot);
  }
  return [...spots.values()]
    .sort((a, b) => b.micros - a.micros)
    .map(({ name, where, micros }) => ({ name, where, share: busy === 0 ? 0 : micros / busy }));
}

const ROOT = resolve(import.meta.dirname, '../..');

function shorten(url: string): string {
  return url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)).replace(/^.*node_modules\//, '') : url;
}
