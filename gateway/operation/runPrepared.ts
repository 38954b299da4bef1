import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { AgencyTransport } from '../../schema/agencyTransport.ts';
import type { Contract } from '../../schema/contract.ts';
import { ERRORS, HubError, type ErrorCode } from '../../schema/errors.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { DisclosureOutcome } from '../domain/auditEntry.ts';
import type { Caller } from '../domain/caller.ts';
import type { Clock } from '../domain/clock.ts';
import { fetchFromAgency, type AgencyOutcome, type Alarm } from './agencyFetch.ts';
import type { Closure } from './closure.ts';
import { fetchFromHub, HUB } from './hubSubgraph.ts';
import type { FetchAnswer, PlanExecutor } from './planExecutor.ts';
import type { PlannedFetch } from './plannedOperation.ts';
import type { PreparedOperation } from './preparedOperation.ts';
import { provenanceOf, unavailableDatasets, type Provenance } from './provenance.ts';
import { refusalErrors } from './refusals.ts';
import type { Deadlines } from './transport/deadlines.ts';
import type { Warranted } from './warrants.ts';
import { emptyAnswer } from './emptyAnswer.ts';

/** What running needs of the hub. */
export interface Runner {
  readonly contract: Contract;
  readonly executor: PlanExecutor;
  readonly hubSchema: GraphQLSchema;
  readonly transports: ReadonlyMap<string, AgencyTransport>;
  /** How long any agency is waited for. */
  readonly deadlines: Deadlines;
  readonly now: Clock;
  readonly audit: { note(body: DisclosureOutcome): void };
  readonly alarm: (alarm: Alarm) => void;
  readonly failure: (request: string, cause: unknown) => void;
}

/** Everything of one run, decided and recorded before. */
export interface ToRun {
  readonly request: string;
  readonly caller: Caller;
  readonly prepared: PreparedOperation;
  readonly closure: Closure;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly warrants: readonly Warranted[];
}

/** What a run brought, in the client's shape. */
export interface Ran {
  /** JSON text of `data`. */
  readonly text: string;
  /** One error for each permitted dataset whose agency failed. */
  readonly unavailable: readonly GraphQLError[];
  readonly hubErrors: readonly GraphQLError[];
  /** Only datasets with a permitted leaf; null where there is none. */
  readonly datasets: Readonly<Record<string, Provenance>> | null;
}

/** Steps 11 to 13: runs a prepared operation under its warrants, writes the client's answer, notes the outcome. */
export async function runPrepared(runner: Runner, toRun: ToRun): Promise<Ran> {
  const { prepared, closure, variables, warrants } = toRun;
  const { pruned, planned } = prepared;
  const outcomes: AgencyOutcome[] = [];
  // A warrant is for one call: it is taken out as it is used.
  const unused = new Map(warrants.map((warranted) => [warranted.fetch, warranted]));
  const failure = (cause: unknown) => runner.failure(toRun.request, cause);
  const fetch = (planning: PlannedFetch, given: Record<string, unknown>) => {
    const warranted = unused.get(planning);
    unused.delete(planning);
    return send(runner, toRun, planning, given, warranted, outcomes, failure);
  };
  const result =
    planned === null ? null : await runner.executor.run(planned, { variables, fetch, ...(pruned.whole ? {} : { shape: pruned.shape }) });
  const unavailable = unavailableDatasets(outcomes, result?.unfit ?? [], unused.values(), closure);
  if (warrants.length > 0) runner.audit.note(outcomeOf(runner, toRun, outcomes));
  return {
    // Nothing was run, or a field of the hub that may not be null is: what the subject may know stays as it was asked.
    text: result === null || result.text === 'null' ? JSON.stringify(emptyAnswer(pruned.shape)) : result.text,
    unavailable: unavailableErrors(unavailable, pruned.released, closure),
    hubErrors: (result?.errors ?? []).map((error) => hubError(error, failure)),
    datasets: provenanceOf(runner.contract, pruned.released, outcomes, unavailable),
  };
}

function send(
  runner: Runner,
  { request, caller }: ToRun,
  fetch: PlannedFetch,
  variables: Record<string, unknown>,
  warranted: Warranted | undefined,
  outcomes: AgencyOutcome[],
  failure: (cause: unknown) => void,
): Promise<FetchAnswer> {
  if (fetch.subgraph === HUB) return fetchFromHub(runner.hubSchema, fetch, variables, { caller, request }, failure);
  if (warranted === undefined) throw new HubError('PLAN_OUTSIDE_CONSENT', `${fetch.subgraph}: a fetch without a warrant.`);
  const { deadlines, alarm, contract } = runner;
  const many = (dataset: string) => contract.datasets.get(dataset)?.many === true;
  const transport = runner.transports.get(fetch.subgraph);
  return fetchFromAgency({ warranted, variables, transport, request, deadlines, alarm, many, failure }).then(({ answer, outcome }) => {
    outcomes.push(outcome);
    return answer;
  });
}

function outcomeOf({ now }: Runner, { request, caller }: ToRun, outcomes: readonly AgencyOutcome[]): DisclosureOutcome {
  const counts: Record<string, number> = {};
  const failures = new Set<string>();
  for (const outcome of outcomes) {
    for (const dataset of Object.keys(outcome.counts)) counts[dataset] = (counts[dataset] ?? 0) + (outcome.counts[dataset] ?? 0);
    if (outcome.failed) failures.add(outcome.agency);
  }
  const failed = [...failures].sort();
  return { kind: 'DISCLOSURE_OUTCOME', request, at: now(), subject: caller.subject, counts, failed, signatures: {} };
}

function unavailableErrors(unavailable: ReadonlySet<string>, released: FieldSet, closure: Closure): GraphQLError[] {
  if (unavailable.size === 0) return [];
  const refusals = Object.entries(released).flatMap(([dataset, fields]) =>
    unavailable.has(dataset) ? [{ dataset, fields, reason: 'SOURCE_UNAVAILABLE' as const }] : [],
  );
  return refusalErrors(refusals, closure, null);
}

/** Agencies' failures are told otherwise: what is left is the hub's own, by its table's codes; anything else is ours to look at. */
function hubError(error: GraphQLError, failure: (cause: unknown) => void): GraphQLError {
  const given = error.extensions['code'];
  const known = typeof given === 'string' && Object.hasOwn(ERRORS, given);
  if (!known) failure(error);
  const code: ErrorCode = known ? (given as ErrorCode) : 'INTERNAL';
  const message = known ? error.message : ERRORS.INTERNAL.en;
  return new GraphQLError(message, { ...(error.path === undefined ? {} : { path: error.path }), extensions: { code } });
}
