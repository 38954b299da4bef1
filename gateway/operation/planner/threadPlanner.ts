import { HubError } from '../../../schema/errors.ts';
import { serveGraph, type ServedGraph } from '../servedGraph.ts';
import { createFairTurns, type FairTurnsOptions } from './fairTurns.ts';
import { openThread, type OpenThread } from './openThread.ts';
import { deskOf, type Done, type Job, type Planner } from './planner.ts';
import type { ThreadStart } from './threadMain.ts';

export interface ThreadPlannerOptions extends ThreadStart, Partial<FairTurnsOptions> {
  /** How long one job may take; then its thread is ended, and another started. */
  readonly deadlineMs?: number;
  /** Told why a thread ended by itself. */
  readonly failure?: (cause: unknown) => void;
}

/** Who plans, and what was read of the supergraph to do so. */
export interface Planning {
  readonly planner: Planner;
  readonly graph: ServedGraph;
}

/**
 * Apollo's planner is synchronous and cannot be interrupted, nor can validation: both have a thread of their own. Resolves when it is ready. Throws
 * CONTRACT_BROKEN for what is no supergraph.
 */
export async function startThreadPlanner(options: ThreadPlannerOptions): Promise<Planning> {
  const { deadlineMs = 2_000, perClient = 64, inAll = 512, failure = () => {}, ...start } = options;
  const turns = createFairTurns({ perClient, inAll });
  const first = await openThread(start);
  let thread: OpenThread | null = first;
  let closed = false;

  /** Starts the thread again when the last job cost it its life. */
  async function doJob(job: Job): Promise<Done> {
    if (closed) return CLOSED;
    try {
      thread ??= await openThread(start);
      return await thread.work(job, deadlineMs);
    } catch (error) {
      await thread?.end();
      thread = null;
      if (error instanceof HubError) return { kind: 'FAILED', code: error.code, detail: error.detail ?? '' };
      if (!closed) failure(error);
      return CLOSED;
    }
  }

  const desk = deskOf(doJob);
  const planner: Planner = {
    turn: (client, work) => turns.take(client, () => work(desk)),
    async close() {
      closed = true;
      await thread?.end();
    },
  };
  return { planner, graph: serveGraph(start.supergraphSdl, first.texts) };
}

const CLOSED: Done = { kind: 'FAILED', code: 'UNAVAILABLE', detail: '' };
