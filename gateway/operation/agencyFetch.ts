import type { AgencyAnswer, AgencyRequest, AgencyTransport, DatasetStanding } from '../../schema/agencyTransport.ts';
import { HubError } from '../../schema/errors.ts';
import type { FetchAnswer } from './planExecutor.ts';
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
  readonly timeoutMs: number;
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
export async function fetchFromAgency(call: AgencyCall): Promise<{ answer: FetchAnswer; outcome: AgencyOutcome }> {
  const { fetch, claims, checked } = call.warranted;
  const datasets = new Set(checked.datasets.values());
  try {
    if (call.transport === undefined) throw new HubError('SOURCE_UNAVAILABLE', `${fetch.subgraph}: no way to reach it.`);
    if (!onlySubject(call.variables['representations'], claims.sub))
      throw new HubError('PLAN_OUTSIDE_CONSENT', 'another entity was asked for.');
    const request = { query: fetch.query, variables: call.variables, warrant: claims, request: call.request };
    return readAnswer(call, datasets, await inTime(call.transport, request, call.timeoutMs));
  } catch (cause) {
    call.failure(cause);
    return nothing(fetch.subgraph, datasets);
  }
}

function readAnswer(
  call: AgencyCall,
  datasets: ReadonlySet<string>,
  answer: AgencyAnswer,
): { answer: FetchAnswer; outcome: AgencyOutcome } {
  const { fetch, checked, claims } = call.warranted;
  const entities = answer.data?.['_entities'];
  const [entity, ...others] = Array.isArray(entities) ? (entities as unknown[]) : [];
  if (!isObject(entity) || others.length > 0) throw new HubError('SOURCE_UNAVAILABLE', `${fetch.subgraph}: no entity in its answer.`);
  if (entity['id'] !== claims.sub) {
    call.alarm({ kind: 'FOREIGN_ENTITY', request: call.request, agency: fetch.subgraph });
    throw new HubError('SOURCE_UNAVAILABLE', `${fetch.subgraph}: another subject's entity.`);
  }
  const standings = Object.fromEntries(Object.entries(answer.extensions?.datasets ?? {}).filter(([dataset]) => datasets.has(dataset)));
  const unavailable = new Set(Object.keys(standings).filter((dataset) => standings[dataset]?.state === 'UNAVAILABLE'));
  for (const { path } of answer.errors ?? []) {
    const dataset = checked.datasets.get(String(path?.[2]));
    for (const each of dataset === undefined ? datasets : [dataset]) unavailable.add(each);
  }
  const counts: Record<string, number> = {};
  for (const [key, dataset] of checked.datasets) counts[dataset] = (counts[dataset] ?? 0) + countRecords(entity[key], call.many(dataset));
  return { answer: { data: { _entities: [entity] } }, outcome: { agency: fetch.subgraph, unavailable, standings, counts, failed: false } };
}

function nothing(agency: string, datasets: ReadonlySet<string>): { answer: FetchAnswer; outcome: AgencyOutcome } {
  return { answer: { data: null }, outcome: { agency, unavailable: datasets, standings: {}, counts: {}, failed: true } };
}

/** The longest list directly below a root that has many records (`records`, under any alias); else one record or none. */
function countRecords(value: unknown, many: boolean): number {
  if (!isObject(value)) return 0;
  if (!many) return 1;
  return Object.values(value).reduce<number>((most, list) => Math.max(most, Array.isArray(list) ? list.length : 0), 0);
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

/** A transport may not honour the signal: the request does not wait for it all the same. */
async function inTime(transport: AgencyTransport, request: AgencyRequest, timeoutMs: number): Promise<AgencyAnswer> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new HubError('SOURCE_UNAVAILABLE', `${transport.agency}: no answer in time.`));
      controller.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([transport.call({ ...request, signal: controller.signal }), late]);
  } finally {
    clearTimeout(timer);
  }
}
