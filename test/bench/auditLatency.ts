import { quantiles } from './rows.ts';

/** What one entry waits for its group's durable write, with so many appended at once. */
export interface AuditLatency {
  readonly inFlight: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of the whole process, the store's threads included, for each entry. */
  readonly cpuMicros: number;
}

export async function measureAuditLatency(append: () => Promise<void>, inFlight: number, total: number): Promise<AuditLatency> {
  const waits: number[] = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  let left = total;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) {
        const start = performance.now();
        await append();
        waits.push(performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const at = quantiles(waits);
  const cpuMicros = Number(((user + system) / waits.length).toFixed(1));
  return { inFlight, perSecond: Math.round(waits.length / seconds), p50: at(0.5), p99: at(0.99), cpuMicros };
}
