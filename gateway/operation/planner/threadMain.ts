import { parentPort, workerData } from 'node:worker_threads';
import { HubError } from '../../../schema/errors.ts';
import { loadGraph, type Graph, type GraphOptions } from '../graph.ts';
import type { GraphTexts } from '../servedGraph.ts';
import type { Done, Job } from './planner.ts';
import { textsOf, work } from './planningDesk.ts';

/** What a planner's thread is started with. */
export interface ThreadStart extends GraphOptions {
  readonly supergraphSdl: string;
}

/** What it says: first that it is ready, or why it will never be; then what came of each job, in order. */
export type ThreadWord = { readonly kind: 'READY'; readonly texts: GraphTexts } | Done;

function open({ supergraphSdl, ...options }: ThreadStart): Graph | null {
  try {
    return loadGraph(supergraphSdl, options);
  } catch (error) {
    say({ kind: 'FAILED', code: 'CONTRACT_BROKEN', detail: error instanceof HubError ? (error.detail ?? '') : 'not a supergraph' });
    return null;
  }
}

function say(word: ThreadWord): void {
  parentPort?.postMessage(word);
}

const graph = open(workerData as ThreadStart);
if (graph !== null) {
  parentPort?.on('message', (job: Job) => say(work(graph, job)));
  say({ kind: 'READY', texts: textsOf(graph) });
}
