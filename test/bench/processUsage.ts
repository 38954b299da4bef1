import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used since it started. */
export interface Usage {
  /** User and system time of all its threads and of its child processes, microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** The kernel counts the time of other processes in hundredths of a second. */
const TICK_MICROS = 10_000;

/** Of this process. */
export function processUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system + childrenMicros(process.pid), rssBytes: process.memoryUsage.rss() };
}

/** Time of the processes below `parent`, those that have ended included; 0 where there is no `/proc`. */
function childrenMicros(parent: number): number {
  let micros = 0;
  for (const pid of children(parent)) {
    const times = statOf(pid)?.slice(11, 15).map(Number) ?? [];
    micros += times.reduce((sum, ticks) => sum + ticks * TICK_MICROS, 0) + childrenMicros(pid);
  }
  return micros;
}

/** Those started by any of its threads. */
function children(parent: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${parent}/task`);
    const lists = tasks.map((task) => readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8'));
    return lists.join(' ').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** `/proc/<pid>/stat` from its third field on: what stands before may hold spaces. */
function statOf(pid: number): readonly string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return null;
  }
}
