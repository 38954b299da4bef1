import type { AgencyAnswer, AgencyRequest, AgencyTransport, DatasetStanding } from '../../schema/agencyTransport.ts';
import { HubError } from '../../schema/errors.ts';
import type { CheckedFetch } from './checkPlan.ts';
import type { FetchAnswer } from './planExecutor.ts';
import type { Deadlines } from './transport/deadlines.ts';
import type { Warranted } from './warrants.ts';

/** What came of one agency fetch, beside its data. */
export interface AgencyOutcome {
  readonly agency: string;
  /** Datasets whose values are missing from the answer, or may be. */
  readonly unavailable: ReadonlySet<string>;
  readonly standings: Readonly<Record<string, DatasetStanding>>;
  /** Records that came back, per dataset. */
  readonly counts: Readonly<Record<string, number>>;
  /** The agency gave no usable answer at all. */
  readonly failed: boolean;
}

/** Something no agency does by accident: an operator should look. Holds ids and coordinates only. */
export interface Alarm {
  readonly kind: 'FOREIGN_ENTITY';
  readonly request: string;
  readonly agency: string;
}

export interface AgencyCall {
  readonly warranted: Warranted;
  readonly variables: Record<string, unknown>;
  readonly transport: AgencyTransport | undefined;
  /** The request id. */
  readonly request: string;
  /** How long any transport is waited for. Each has its own, shorter limit, and ends its call by it. */
  readonly deadlines: Deadlines;
  readonly alarm: (alarm: Alarm) => void;
  /** Whether a dataset is a list of records. */
  readonly many: (dataset: string) => boolean;
  /** Told why an agency gave no answer, for the log. */
  readonly failure: (cause: unknown) => void;
}

/**
 * Makes one agency fetch under its warrant. It never fails: an agency that is down, refuses or answers about somebody else costs its own
 * fields, and its words reach nobody. An entity that is not the warrant's subject is thrown away whole.
 */
export function fetchFromAgency(call: AgencyCall): Promise<AgencyFetched> {
  const { fetch, claims } = call.warranted;
  const fail = (cause: unknown): AgencyFetched => {
    call.failure(cause);
    return nothing(fetch.subgraph, datasetsOf(call.warranted.checked));
  };
  try {
    if (call.transport === undefined) throw new HubError('SOURCE_UNAVAILABLE', `${fetch.subgraph}: no way to reach it.`);
    if (!onlySubject(call.variables['representations'], claims.sub))
      throw new HubError('PLAN_OUTSIDE_CONSENT', 'another entity was asked for.');
    const request = { query: fetch.query, variables: call.variables, warrant: claims, request: call.request };
    return inTime(call.transport, request, call.deadlines)
      .then((answer) => readAnswer(call, answer))
      .catch(fail);
  } catch (cause) {
    return Promise.resolve(fail(cause));
  }
}

/** An answer for the executor, and what is told of it beside. */
export interface AgencyFetched {
  readonly answer: FetchAnswer;
  readonly outcome: AgencyOutcome;
}

function readAnswer(call: AgencyCall, answer: AgencyAnswer): AgencyFetched {
  const { fetch, checked, claims } = call.warranted;
  const entities = answer.data?.['_entities'];
  const entity: unknown = Array.isArray(entities) && entities.length === 1 ? entities[0] : null;
  if (!isObject(entity)) throw new HubError('SOURCE_UNAVAILABLE', `${fetch.subgraph}: no entity in its answer.`);
  if (entity['id'] !== claims.sub) {
    call.alarm({ kind: 'FOREIGN_ENTITY', request: call.request, agency: fetch.subgraph });
    throw new HubError('SOURCE_UNAVAILABLE', `${fetch.subgraph}: another subject's entity.`);
  }
  const datasets = datasetsOf(checked);
  const given = answer.extensions?.datasets ?? {};
  const standings: Record<string, DatasetStanding> = {};
  const unavailable = new Set<string>();
  for (const dataset of datasets) {
    const standing = Object.hasOwn(given, dataset) ? given[dataset] : undefined;
    if (standing === undefined) continue;
    standings[dataset] = standing;
    if (standing.state === 'UNAVAILABLE') unavailable.add(dataset);
  }
  for (const { path } of answer.errors ?? []) {
    const dataset = checked.datasets.get(String(path?.[2]));
    for (const each of dataset === undefined ? datasets : [dataset]) unavailable.add(each);
  }
  const counts: Record<string, number> = {};
  for (const [key, dataset] of checked.datasets) counts[dataset] = (counts[dataset] ?? 0) + countRecords(entity[key], call.many(dataset));
  return { answer: { data: { _entities: entities } }, outcome: { agency: fetch.subgraph, unavailable, standings, counts, failed: false } };
}

/** Known when the plan is checked, and as long-lived as the plan. */
const datasetSets = new WeakMap<CheckedFetch, ReadonlySet<string>>();

function datasetsOf(checked: CheckedFetch): ReadonlySet<string> {
  let datasets = datasetSets.get(checked);
  if (datasets === undefined) datasetSets.set(checked, (datasets = new Set(checked.datasets.values())));
  return datasets;
}

function nothing(agency: string, datasets: ReadonlySet<string>): AgencyFetched {
  return { answer: { data: null }, outcome: { agency, unavailable: datasets, standings: {}, counts: {}, failed: true } };
}

/** The longest list directly below a root that has many records (`records`, under any alias); else one record or none. */
function countRecords(value: unknown, many: boolean): number {
  if (!isObject(value)) return 0;
  if (!many) return 1;
  let most = 0;
  for (const list of Object.values(value)) if (Array.isArray(list) && list.length > most) most = list.length;
  return most;
}

function onlySubject(representations: unknown, subject: string | undefined): boolean {
  if (!Array.isArray(representations) || representations.length !== 1) return false;
  const [representation] = representations as unknown[];
  return (
    isObject(representation) && representation['__typename'] === 'DataSubject' && representation['id'] === subject && subject !== undefined
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A transport may forget its own limit: the request does not wait for it all the same. */
function inTime(transport: AgencyTransport, request: AgencyRequest, { add, remove }: Deadlines): Promise<AgencyAnswer> {
  const answered = transport.call(request);
  return new Promise((resolve, reject) => {
    const deadline = add(() => reject(new HubError('SOURCE_UNAVAILABLE', `${transport.agency}: no answer in time.`)));
    answered.then(
      (answer) => {
        remove(deadline);
        resolve(answer);
      },
      (cause: Error) => {
        remove(deadline);
        reject(cause);
      },
    );
  });
}
