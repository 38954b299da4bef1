import { GraphQLError } from 'graphql';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import { ERRORS, HubError } from '../../schema/errors.ts';
import { isEmpty } from '../../schema/fieldSet.ts';
import type { Caller } from '../domain/caller.ts';
import { decide } from '../domain/decide.ts';
import { WrittenAnswer, type Answer } from './answer.ts';
import type { CompiledOperation } from './compiledOperation.ts';
import { record, recordRefusal, type Decision, type Live } from './disclosureRecord.ts';
import type { Hub, Presented } from './hub.ts';
import type { PreparedOperation, SelectedOperation } from './preparedOperation.ts';
import { assuranceChallenge, refuseAll, refusalErrors, withBareObjects } from './refusals.ts';
import { runPrepared, type Ran } from './runPrepared.ts';
import { fitVariables, type FittingVariables } from './variables.ts';
import { warrantIssuer, type Warranted } from './warrants.ts';

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
  return text === null ? null : { caller, compiled: await hub.compiler.compile(text, operationName, caller.client) };
}

/** Steps 4 to 13. Throws HubError; what is refused is part of the answer. */
export async function disclose(hub: Hub, admitted: Admitted, asked: Asked): Promise<Answer> {
  const { client } = admitted.caller;
  const variables = fitVariables(hub.graph.api, admitted.compiled, asked.variables, hub.limits);
  const selected = hub.operations.select(admitted.compiled, variables.coerced, client);
  const live = await readLive(hub, admitted.caller, selected);
  const decided = decideOn(hub, admitted.caller, selected, live);
  if (endsHere(decided, asked, selected)) return refuse(hub, admitted, selected, decided);
  const planned = await hub.operations.prepare(selected, decided.permitted, client);
  const decision = await takeUse(hub, admitted, selected, variables, planned, decided);
  if (endsHere(decision, asked, selected)) return refuse(hub, admitted, selected, decision);
  const prepared = decision === decided ? planned : await hub.operations.prepare(selected, decision.permitted, client);
  const warrants = issueWarrants(hub, admitted.caller, variables, prepared, decision);
  await record(hub, admitted, decision, prepared.pruned.released, warrants);
  const ran = await runPrepared(hub, { ...admitted, prepared, closure: selected.closure, variables: variables.sent, warrants });
  if (asked.refuse === 'ALL' && ran.unavailable.length > 0) return { status: 503, errors: ran.unavailable };
  return answerOf(selected, decision, ran);
}

/** Step 5. The three are equally fresh; what cannot be read is refused (UNAVAILABLE). A consent that is another client's or subject's is read as none: its service is nobody's business. */
async function readLive(hub: Hub, { consent: id, client, subject: subjectId }: Caller, { closure }: SelectedOperation): Promise<Live> {
  const { contract } = hub;
  if (id === null || closure.places.length === 0) return { contract, consent: null, service: null, subject: null };
  try {
    const [found, subject] = await Promise.all([hub.readConsent(id), hub.readSubject(subjectId)]);
    const consent = found !== null && found.client === client && found.subject === subjectId ? found : null;
    return { contract, consent, subject, service: consent === null ? null : await hub.readService(consent.service.id) };
  } catch (cause) {
    throw unavailable(cause);
  }
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
  const outcome = await hub.takeUse(decided.consent._id, use, hub.now()).catch((cause: unknown) => {
    throw unavailable(cause);
  });
  if (outcome === 'TAKEN' || outcome === 'REPEATED') return decided;
  if (outcome === 'USED_UP')
    return { ...decided, permitted: {}, refusals: [...decided.refusals, ...refuseAll(decided.permitted, 'USED_UP')] };
  const again = decideOn(hub, caller, selected, await readLive(hub, caller, selected));
  if (!isEmpty(again.permitted)) throw new HubError('UNAVAILABLE', 'The consent changed while it was read.');
  return again;
}

function unavailable(cause: unknown): HubError {
  return cause instanceof HubError ? cause : new HubError('UNAVAILABLE', undefined, { cause });
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
  const asked = (planned?.fetches ?? []).filter(({ index }) => checked[index] !== null);
  if (asked.length === 0) return [];
  if (consent === null || subject === null || consent.subject !== caller.subject)
    throw new HubError('PLAN_OUTSIDE_CONSENT', 'a fetch without a consent.');
  const issue = warrantIssuer({ issuer, caller, consent, nid: subject.nid, variables: sent, now: hub.now(), randomId });
  return asked.flatMap((fetch) => {
    const within = checked[fetch.index];
    return within === null || within === undefined ? [] : [issue(fetch, within)];
  });
}

/** Step 12, the parts put together. */
function answerOf({ closure }: SelectedOperation, decision: Decision, { text, unavailable, hubErrors, datasets }: Ran): Answer {
  const errors = [...refusalErrors(decision.refusals, closure, decision), ...unavailable, ...hubErrors];
  return new WrittenAnswer(text, errors, datasets === null ? null : { datasets });
}
