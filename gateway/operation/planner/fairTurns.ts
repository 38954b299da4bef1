import { HubError } from '../../../schema/errors.ts';

/** Work that clients share, one piece at a time, each client in its turn, however much one of them has waiting. */
export interface FairTurns {
  /** Throws TOO_MANY_REQUESTS when the client has enough waiting, UNAVAILABLE when everybody has; else what the work throws. */
  take<T>(client: string, work: () => Promise<T>): Promise<T>;
}

export interface FairTurnsOptions {
  readonly perClient: number;
  readonly inAll: number;
}

export function createFairTurns({ perClient, inAll }: FairTurnsOptions): FairTurns {
  /** In the order of their turns. A client without work is not in it. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let size = 0;
  let busy = false;

  function next(): (() => Promise<void>) | undefined {
    const [turn] = waiting;
    if (turn === undefined) return undefined;
    const [client, pieces] = turn;
    const piece = pieces.shift();
    waiting.delete(client);
    if (pieces.length > 0) waiting.set(client, pieces);
    size -= 1;
    return piece;
  }

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let piece = next(); piece !== undefined; piece = next()) await piece();
    busy = false;
  }

  return {
    take(client, work) {
      return new Promise((resolve, reject) => {
        const pieces = waiting.get(client) ?? [];
        if (pieces.length >= perClient) return reject(new HubError('TOO_MANY_REQUESTS', 'Too many new operations at once.'));
        if (size >= inAll) return reject(new HubError('UNAVAILABLE'));
        // Inside a promise from the start: work that throws at once must not end everybody's turns.
        pieces.push(() => Promise.resolve().then(work).then(resolve, reject));
        waiting.set(client, pieces);
        size += 1;
        void run();
      });
    },
  };
}
