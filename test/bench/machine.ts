import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** Cores for the measured gateway and for everything else; null: not pinned, and why. */
export interface Cores {
  readonly gateway: string | null;
  readonly others: string | null;
  readonly note: string;
}

/** The last core is the gateway's alone, where there are two and `taskset` is installed. */
export function shareCores(): Cores {
  const cores = allowedCores();
  if (spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status !== 0)
    return { gateway: null, others: null, note: 'not pinned: no taskset here' };
  const last = cores.at(-1);
  if (last === undefined || cores.length < 2) return { gateway: null, others: null, note: 'not pinned: one core only' };
  const others = cores.slice(0, -1).join(',');
  return { gateway: String(last), others, note: `gateway on core ${last} alone, agencies and load on ${others}` };
}

function allowedCores(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return list.split(',').flatMap((part) => {
      const [from = NaN, to = from] = part.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
  } catch {
    return [];
  }
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  /** Over the last minute, before the bench began. */
  readonly loadBefore: number;
}

export function readMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}
