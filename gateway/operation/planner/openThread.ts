import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HubError } from '../../../schema/errors.ts';
import type { GraphTexts } from '../servedGraph.ts';
import type { Done, Job } from './planner.ts';
import type { ThreadStart, ThreadWord } from './threadMain.ts';

/** A planner's thread that is ready: one job at a time. */
export interface OpenThread {
  readonly texts: GraphTexts;
  /** Throws OPERATION_TOO_LARGE when the job is over its time or its memory; any other error when the thread ended by itself. It is of no use then. */
  work(job: Job, deadlineMs: number): Promise<Done>;
  end(): Promise<unknown>;
}

/** Megabytes of its heap. A job that needs more ends the thread; a small young generation keeps all of it small (docs/facts.md, "Memory"). */
const HEAP = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 };

/** The same file as a source and in dist/. */
const SUFFIX = extname(import.meta.url);
const MAIN = new URL(`./threadMain${SUFFIX}`, import.meta.url);
/** A source is read by tsx: what has loaded this one (tsx, or jest) does not reach into threads. */
const LOADER = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(MAIN.href)})))`;

function startWorker(workerData: ThreadStart): Worker {
  const options = { workerData, resourceLimits: HEAP, execArgv: [] };
  return SUFFIX === '.ts' ? new Worker(LOADER, { ...options, eval: true }) : new Worker(MAIN, options);
}

/** Starts a thread. Throws CONTRACT_BROKEN for what is no supergraph. */
export async function openThread(start: ThreadStart): Promise<OpenThread> {
  const worker = startWorker(start);
  let hear: { readonly word: (word: ThreadWord) => void; readonly fail: (cause: unknown) => void } | null = null;
  const nextWord = () =>
    new Promise<ThreadWord>((word, fail) => {
      hear = { word, fail };
    });
  let ended = false;
  worker.on('message', (word: ThreadWord) => hear?.word(word));
  worker.on('error', (cause) => hear?.fail(cause));
  worker.on('exit', () => {
    ended = true;
    hear?.fail(new Error(ENDED));
  });
  const ready = await nextWord();
  if (ready.kind !== 'READY') {
    await worker.terminate();
    throw new HubError('CONTRACT_BROKEN', ready.kind === 'FAILED' ? ready.detail : undefined);
  }
  // It keeps nobody's process alive.
  worker.unref();

  async function work(job: Job, deadlineMs: number): Promise<Done> {
    if (ended) throw new Error(ENDED);
    const word = nextWord();
    worker.postMessage(job);
    const heard = hear;
    // An answer that is here already counts, however late this thread comes to look at the clock.
    const late = () => hear === heard && heard?.fail(new HubError('OPERATION_TOO_LARGE', 'Planning it takes too long.'));
    const timer = setTimeout(() => setImmediate(late), deadlineMs);
    try {
      const done = await word;
      if (done.kind === 'READY') throw new TypeError('A planner is ready once.');
      return done;
    } catch (cause) {
      throw isOutOfMemory(cause) ? new HubError('OPERATION_TOO_LARGE', 'Planning it takes too much memory.', { cause }) : cause;
    } finally {
      clearTimeout(timer);
      hear = null;
    }
  }
  return { texts: ready.texts, work, end: () => worker.terminate() };
}

const ENDED = 'The planner ended by itself.';

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
