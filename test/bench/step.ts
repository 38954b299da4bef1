/** What one step of the guard costs, apart from the rest of a request. */
export interface Step {
  readonly name: string;
  /** CPU of the whole process for one request of five agencies, its threads included. */
  readonly cpuMicros: number;
  /** Consent, warrants and audit of a warm request: these add up to what the guard costs. */
  readonly ofGuard: boolean;
}

interface Times {
  readonly times: number;
  /** So many before, to warm up. */
  readonly first?: number;
  readonly ofGuard?: boolean;
}

/** Requests at once. */
const IN_FLIGHT = 32;

/** Runs `work` for as many different indices, and says what one costs. */
export async function measureStep(
  name: string,
  { times, first = 0, ofGuard = false }: Times,
  work: (index: number) => unknown,
): Promise<Step> {
  await inFlight(0, first, work);
  const before = process.cpuUsage();
  await inFlight(first, first + times, work);
  const { user, system } = process.cpuUsage(before);
  return { name, cpuMicros: Math.round((user + system) / times), ofGuard };
}

async function inFlight(from: number, to: number, work: (index: number) => unknown): Promise<void> {
  let next = from;
  const one = async (): Promise<void> => {
    while (next < to) await work(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
}
