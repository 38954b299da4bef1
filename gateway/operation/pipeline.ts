import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { AgencyTransport } from '../../schema/agencyTransport.ts';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { Contract } from '../../schema/contract.ts';
import { ERRORS, HubError } from '../../schema/errors.ts';
import { isEmpty } from '../../schema/fieldSet.ts';
import type { RegisterKey } from '../../schema/warrant.ts';
import type { AuditBody, DisclosureIntent, RefusalEntry } from '../domain/auditEntry.ts';
import type { Caller } from '../domain/caller.ts';
import type { Clock, RandomId } from '../domain/clock.ts';
import type { Consent, Service, SubjectStanding } from '../domain/consent.ts';
import { decide } from '../domain/decide.ts';
import type { Refusal } from '../domain/disclosure.ts';
import type { Alarm } from './agencyFetch.ts';
import type { Answer } from './answer.ts';
import type { CompiledOperation, Compiler } from './compiledOperation.ts';
import type { Graph } from './graph.ts';
import type { Limits } from './limits.ts';
import type { PlanExecutor } from './planExecutor.ts';
import type { OperationCache, PreparedOperation, SelectedOperation } from './preparedOperation.ts';
import { assuranceChallenge, refuseAll, refusalErrors, withBareObjects } from './refusals.ts';
import { runPrepared, type Ran } from './runPrepared.ts';
import { fitVariables, type FittingVariables } from './variables.ts';
import { issueWarrant, type Warranted } from './warrants.ts';

/** What one HTTP request shows of its sender. */
export interface Presented {
  readonly authorization: string | undefined;
  /** The DPoP header. */
  readonly proof: string | undefined;
  readonly method: string;
}

/** What the store knows of a data subject, read with each request. */
export interface LiveSubject extends SubjectStanding {
  readonly nid: RegisterKey;
}

export type UseOutcome = 'TAKEN' | 'REPEATED' | 'USED_UP' | 'NOT_ACTIVE';

/** Everything the pipeline needs of other rooms, as functions. */
export interface Hub {
  readonly graph: Graph;
  readonly contract: Contract;
  readonly limits: Limits;
  readonly compiler: Compiler;
  readonly operations: OperationCache;
  readonly executor: PlanExecutor;
  /** The hub's own subgraph, guarded by its own rules; run with a HubContext. */
  readonly hubSchema: GraphQLSchema;
  readonly transports: ReadonlyMap<string, AgencyTransport>;
  /** `iss` of warrants. */
  readonly issuer: string;
  readonly agencyTimeoutMs: number;
  readonly now: Clock;
  readonly randomId: RandomId;
  readonly authenticate: (presented: Presented) => Promise<Caller>;
  /** Live: never from a cache that another process could make stale. */
  readonly readConsent: (id: string) => Promise<Consent | null>;
  readonly readService: (id: string) => Promise<Service | null>;
  readonly readSubject: (id: string) => Promise<LiveSubject | null>;
  readonly takeUse: (
    consent: string,
    use: { readonly grant: string; readonly documentHash: string; readonly variablesHash: string },
    now: number,
  ) => Promise<UseOutcome>;
  readonly audit: {
    /** Resolves when the entry is durable. */
    append(body: AuditBody): Promise<void>;
    note(body: AuditBody): void;
    refuse(body: RefusalEntry): void;
  };
  readonly alarm: (alarm: Alarm) => void;
  /** Told what a client is not told. */
  readonly failure: (request: string, cause: unknown) => void;
}

/** A request that passed the door: who asks, and a document that is sound. */
export interface Admitted {
  readonly request: string;
  readonly caller: Caller;
  readonly compiled: CompiledOperation;
}

export interface Asked {
  readonly variables: Readonly<Record<string, unknown>>;
  /** `extensions: {"refuse": "all"}`: no data unless every field is permitted. */
  readonly refuse: 'SOME' | 'ALL';
}

/*
 * The life of a request, in order; docs/lifecycle.md draws it with its error branches. A step that refuses ends the request there.
 *
 *  1. token      who calls                                    admit
 *  2. limits     the AST is weighed before validation         admit (compiler)
 *  3. compile    parsed, validated, held by document hash     admit (compiler)
 *  4. select     variables fit; the closure of what would run disclose
 *  5. live read  consent, service, subject, as they are now
 *  6. decide     permitted and refused fields
 *  7. prepare    refused leaves cut, planned, every fetch checked; held by (document, conditions, permitted set)
 *  8. use        one use of the consent is taken
 *  9. warrants   one for each agency fetch
 * 10. intent     durable in the audit log: no entry, no data
 * 11. run        each agency under its warrant
 * 12. write      the client's shape, refused leaves null, one error for each refusal
 * 13. outcome    noted in the audit log, not awaited
 *
 * Preparing comes before the use, so that an operation which cannot be planned costs the citizen's consent nothing.
 */

/** Steps 1 to 3. Throws HubError or InvalidDocument. `text` null: the request has no document, and the HTTP front refuses it. */
export async function admit(
  hub: Hub,
  presented: Presented,
  text: string | null,
  operationName: string | null,
): Promise<Omit<Admitted, 'request'> | null> {
  const caller = await hub.authenticate(presented);
  return text === null ? null : { caller, compiled: hub.compiler.compile(text, operationName) };
}

/** Steps 4 to 13. Throws HubError; what is refused is part of the answer. */
export async function disclose(hub: Hub, admitted: Admitted, asked: Asked): Promise<Answer> {
  const variables = fitVariables(hub.graph.api, admitted.compiled, asked.variables, hub.limits);
  const selected = hub.operations.select(admitted.compiled, variables.coerced);
  const live = await readLive(hub, admitted.caller, selected);
  const decided = decideOn(hub, admitted.caller, selected, live);
  if (endsHere(decided, asked, selected)) return refuse(hub, admitted, selected, decided);
  const planned = hub.operations.prepare(selected, decided.permitted);
  const decision = await takeUse(hub, admitted, selected, variables, planned, decided);
  if (endsHere(decision, asked, selected)) return refuse(hub, admitted, selected, decision);
  const prepared = decision === decided ? planned : hub.operations.prepare(selected, decision.permitted);
  const warrants = issueWarrants(hub, admitted.caller, variables, prepared, decision);
  await recordIntent(hub, admitted, prepared, decision, warrants);
  const ran = await runPrepared(hub, { ...admitted, prepared, closure: selected.closure, variables: variables.sent, warrants });
  if (asked.refuse === 'ALL' && ran.unavailable.length > 0) return { status: 503, errors: ran.unavailable };
  return answerOf(selected, decision, ran);
}

interface Live {
  readonly contract: Contract;
  readonly consent: Consent | null;
  readonly service: Service | null;
  readonly subject: LiveSubject | null;
}

/** The decision with what it was made from. */
interface Decision extends Live {
  readonly permitted: PreparedOperation['pruned']['released'];
  readonly refusals: readonly Refusal[];
}

/** Step 5. The three are equally fresh. A consent that is another client's or subject's is read as none: its service is nobody's business. */
async function readLive(hub: Hub, { consent: id, client, subject: subjectId }: Caller, { closure }: SelectedOperation): Promise<Live> {
  const { contract } = hub;
  if (id === null || closure.places.length === 0) return { contract, consent: null, service: null, subject: null };
  const [found, subject] = await Promise.all([hub.readConsent(id), hub.readSubject(subjectId)]);
  const consent = found !== null && found.client === client && found.subject === subjectId ? found : null;
  return { contract, consent, subject, service: consent === null ? null : await hub.readService(consent.service.id) };
}

/** Step 6. */
function decideOn(hub: Hub, caller: Caller, { closure }: SelectedOperation, live: Live): Decision {
  const { permitted, refusals } = decide({ ...live, caller, asked: closure.asked, now: hub.now() });
  return { ...live, permitted, refusals: withBareObjects(refusals, closure) };
}

/** Whether the request ends with its refusals: all or nothing was asked for, or a stronger proof of identity would open everything. */
function endsHere({ permitted, refusals }: Decision, { refuse: mode }: Asked, { closure }: SelectedOperation): boolean {
  if (refusals.length === 0) return false;
  return mode === 'ALL' || (isEmpty(permitted) && !closure.hubFields && assuranceChallenge(refusals) !== null);
}

/** Nothing is fetched, no use is taken; the data subject sees that it was asked. */
function refuse(hub: Hub, admitted: Admitted, { closure }: SelectedOperation, decision: Decision): Answer {
  recordRefusal(hub, admitted, decision);
  const errors = refusalErrors(decision.refusals, closure, decision);
  const challenge = isEmpty(decision.permitted) ? assuranceChallenge(decision.refusals) : null;
  if (challenge !== null) return { status: 401, headers: { 'www-authenticate': challenge }, errors };
  return { status: 403, errors: [new GraphQLError(ERRORS.REFUSED.en, { extensions: { code: 'REFUSED' } }), ...errors] };
}

/**
 * Step 8. Only a consent with a cap counts its uses. The decision as it is after the use: the same, or everything refused because no use is
 * left, or made again because the consent changed since it was read.
 */
async function takeUse(
  hub: Hub,
  { caller, compiled }: Admitted,
  selected: SelectedOperation,
  { sent }: FittingVariables,
  { pruned }: PreparedOperation,
  decided: Decision,
): Promise<Decision> {
  if (isEmpty(pruned.released) || decided.consent === null || decided.consent.maxUses === null) return decided;
  const use = { grant: caller.grant, documentHash: compiled.documentHash, variablesHash: sha256(canonicalJson(sent)) };
  const outcome = await hub.takeUse(decided.consent._id, use, hub.now());
  if (outcome === 'TAKEN' || outcome === 'REPEATED') return decided;
  if (outcome === 'USED_UP')
    return { ...decided, permitted: {}, refusals: [...decided.refusals, ...refuseAll(decided.permitted, 'USED_UP')] };
  const again = decideOn(hub, caller, selected, await readLive(hub, caller, selected));
  if (!isEmpty(again.permitted)) throw new HubError('UNAVAILABLE', 'The consent changed while it was read.');
  return again;
}

/** Step 9. Made before the intent, which holds their digests. */
function issueWarrants(
  hub: Hub,
  caller: Caller,
  { sent }: FittingVariables,
  { planned, checked }: PreparedOperation,
  { consent, subject }: Decision,
): readonly Warranted[] {
  const { issuer, randomId } = hub;
  const now = hub.now();
  return (planned?.fetches ?? []).flatMap((fetch) => {
    const within = checked[fetch.index];
    if (within === null || within === undefined) return [];
    if (consent === null || subject === null || consent.subject !== caller.subject)
      throw new HubError('PLAN_OUTSIDE_CONSENT', 'a fetch without a consent.');
    return [issueWarrant({ issuer, caller, consent, nid: subject.nid, variables: sent, now, randomId }, fetch, within)];
  });
}

/** Step 10. An operation that releases nothing has no intent, and what was refused folds. Throws AUDIT_UNAVAILABLE. */
async function recordIntent(
  hub: Hub,
  admitted: Admitted,
  { pruned }: PreparedOperation,
  decision: Decision,
  warrants: readonly Warranted[],
): Promise<void> {
  const disclosing = disclosingOf(hub, admitted, decision);
  if (disclosing === null || warrants.length === 0) return recordRefusal(hub, admitted, decision);
  const intent: DisclosureIntent = {
    kind: 'DISCLOSURE_INTENT',
    ...disclosing,
    channel: 'ONLINE',
    permitted: pruned.released,
    warrants: warrants.map(({ claims, digest }) => ({ agency: claims.aud, digest })),
  };
  try {
    await hub.audit.append(intent);
  } catch (cause) {
    throw new HubError('AUDIT_UNAVAILABLE', undefined, { cause });
  }
}

function recordRefusal(hub: Hub, admitted: Admitted, decision: Decision): void {
  const disclosing = disclosingOf(hub, admitted, decision);
  if (disclosing !== null && decision.refusals.length > 0) hub.audit.refuse({ kind: 'REFUSAL', ...disclosing, count: 1 });
}

/** What an entry says of who asked; null when there is no consent, hence no provider who could be named. */
function disclosingOf(hub: Hub, { request, caller, compiled }: Admitted, { consent, refusals }: Decision) {
  if (consent === null) return null;
  return {
    request,
    at: hub.now(),
    subject: caller.subject,
    client: caller.client,
    provider: consent.provider,
    service: consent.service.id,
    purpose: consent.purpose.code,
    consent: consent._id,
    consentVersion: consent.version,
    documentHash: compiled.documentHash,
    refused: refusals.map(({ dataset, fields, reason }) => ({ dataset, fields, reason })),
  };
}

/** Step 12, the parts put together. */
function answerOf({ closure }: SelectedOperation, decision: Decision, { data, unavailable, hubErrors, datasets }: Ran): Answer {
  const errors = [...refusalErrors(decision.refusals, closure, decision), ...unavailable, ...hubErrors];
  return { data, ...(errors.length === 0 ? {} : { errors }), ...(datasets === null ? {} : { extensions: { datasets } }) };
}
