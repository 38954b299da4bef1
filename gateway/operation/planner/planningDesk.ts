import { parse, printSchema, specifiedRules, validate } from 'graphql';
import { HubError } from '../../../schema/errors.ts';
import type { Graph } from '../graph.ts';
import { buildPlan } from '../planOperation.ts';
import type { GraphTexts } from '../servedGraph.ts';
import type { Done, Job, Misfit } from './planner.ts';

const MOST_ERRORS = 5;

/** graphql-js gives up comparing fields that may overlap: the document repeats itself beyond use. */
const ABORTED = 'Validation aborted.';

/** Does a job, in whatever thread it is called. It does not throw. */
export function work(graph: Graph, job: Job): Done {
  try {
    if (job.kind === 'VALIDATE') return { kind: 'MISFITS', misfits: misfitsOf(graph, job.text) };
    return { kind: 'PLAN', plan: buildPlan(graph, parse(job.text, { noLocation: true }), job.operationName) };
  } catch (error) {
    if (error instanceof HubError) return { kind: 'FAILED', code: error.code, detail: error.detail ?? '' };
    if (error instanceof RangeError) return { kind: 'FAILED', code: 'OPERATION_TOO_LARGE', detail: 'Nested too deep.' };
    return { kind: 'FAILED', code: 'INTERNAL', detail: error instanceof Error ? error.message : 'planning failed' };
  }
}

/** Locations are kept only for telling what is wrong: they would double what every good document costs. */
function misfitsOf({ api }: Graph, text: string): readonly Misfit[] {
  const errorsOf = (noLocation: boolean) =>
    validate(api, parse(text, { noLocation }), specifiedRules, { maxErrors: MOST_ERRORS, hideSuggestions: true });
  const errors = errorsOf(true);
  if (errors.length === 0) return [];
  if (errors.some(({ message }) => message === ABORTED)) throw new HubError('OPERATION_TOO_LARGE', 'The same fields too many times.');
  return errorsOf(false).map(({ message, positions }) => ({ message, positions: positions ?? [] }));
}

/** What the thread that serves needs to know of the supergraph. */
export function textsOf({ api, whole, subgraphs }: Graph): GraphTexts {
  return { api: printSchema(api), whole: printSchema(whole), subgraphs };
}
