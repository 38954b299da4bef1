import { createPrivateKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openAuditLog } from '../../gateway/audit/auditLog.ts';
import type { DisclosureIntent, DisclosureOutcome } from '../../gateway/domain/auditEntry.ts';
import type { Caller } from '../../gateway/domain/caller.ts';
import { decide } from '../../gateway/domain/decide.ts';
import { issueWarrant } from '../../gateway/operation/warrants.ts';
import { sha256 } from '../../schema/canonical.ts';
import { createWarrantSealer } from '../../schema/warrantSealer.ts';
import { AGENCIES } from '../../subgraphs/agencies.ts';
import { measureAuditLatency, type AuditLatency } from './auditLatency.ts';
import { benchKeys, CLIENT, ENDPOINT } from './benchKeys.ts';
import { benchVerifier } from './benchVerifier.ts';
import { benchCitizen } from './citizens.ts';
import { passMinter } from './passes.ts';
import { COLD_FROM, WARM } from './people.ts';
import { fieldsOf, QUESTION, textOf } from './question.ts';
import { answerCommands } from './rpc.ts';
import { openSeededHub } from './seededHub.ts';

// What each step of the guard costs, apart from the rest of a request.

export interface Step {
  readonly name: string;
  /** CPU of the whole process for one request of five agencies, its threads included. */
  readonly cpuMicros: number;
}

const PEOPLE = COLD_FROM + 1200;
const TIMES = 3000;
const QUERY = textOf(QUESTION);
const QUERY_HASH = sha256(QUERY);
const QUESTION_FIELDS = fieldsOf(QUESTION);
const IN_FLIGHT = 32;
/** In flight, and how many in all. */
const LATENCIES = [
  [1, 1000],
  [32, 10_000],
  [256, 20_000],
] as const;

/** Runs `work` for 0 … times-1, some in flight, and says what one costs. */
async function cost(times: number, work: (index: number) => unknown): Promise<number> {
  let next = 0;
  const before = process.cpuUsage();
  const one = async (): Promise<void> => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / times);
}

const bytesOf = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');
const randomId = (): string => randomBytes(16).toString('base64url');

/** What each step costs, and how long an entry of the audit log waits. */
export interface StepResults {
  readonly steps: readonly Step[];
  readonly audit: readonly AuditLatency[];
}

async function start({ folder: root }: { readonly folder: string }): Promise<StepResults> {
  const keys = benchKeys(root);
  const { hub } = keys;
  const { store, contract, consents, subjects, service, close } = await openSeededHub({ folder: root, data: 'steps' }, PEOPLE);
  const audit = await openAuditLog({
    connection: await store.database('audit'),
    now: Date.now,
    randomId,
    randomBytes,
    pseudonymKey: bytesOf(hub.pseudonym),
    headKey: hub.heads,
    headFile: join(root, 'steps-heads.jsonl'),
    alone: true,
  });

  const verifier = benchVerifier(hub);
  const mint = passMinter(keys, createPrivateKey({ key: hub.tokens[0] as never, format: 'jwk' }));
  const sealer = createWarrantSealer({ own: hub.warrant, agencies: hub.agencies, now: Date.now, randomBytes });

  const people = Array.from({ length: PEOPLE }, (_, number) => ({ ...benchCitizen(number), pass: mint(number) }));
  const warm = (index: number) => people[index % WARM.count] as (typeof people)[number];
  const steps: Step[] = [];
  async function step(name: string, times: number, work: (index: number) => unknown): Promise<void> {
    steps.push({ name, cpuMicros: await cost(times, work) });
  }

  const verify = ({ pass }: (typeof people)[number], proof: string) =>
    verifier.verify({ authorization: pass.authorization, proof, method: 'POST', url: ENDPOINT });
  const proofs = Array.from({ length: 2 * TIMES }, (_, index) => warm(index).pass.proof());
  await cost(TIMES, (index) => verify(warm(index), proofs[index] ?? ''));
  await step('token from the cache, a fresh DPoP proof', TIMES, (index) => verify(warm(TIMES + index), proofs[TIMES + index] ?? ''));
  const cold = people.slice(COLD_FROM).map((person) => ({ person, proof: person.pass.proof() }));
  await step('token, key and DPoP proof never seen', cold.length, (index) => {
    const { person, proof } = cold[index] as (typeof cold)[number];
    return verify(person, proof);
  });

  await cost(TIMES, (index) => consents.read(warm(index).consent));
  await step('consent read, one of 64', TIMES, (index) => consents.read(warm(index).consent));
  await step('consent read, never read before', PEOPLE - COLD_FROM, (index) => consents.read(people[COLD_FROM + index]?.consent ?? ''));
  await step('service read', TIMES, () => consents.services.read(service._id));
  await step('subject read and opened', TIMES, (index) => subjects.read(warm(index).subject));

  const { consent: consentId, subject, nid } = warm(0);
  const consent = await consents.read(consentId);
  if (consent === null) throw new Error('The consent of the bench is not there.');
  const caller: Caller = {
    kind: 'RELYING_PARTY',
    client: CLIENT,
    subject,
    consent: consentId,
    grant: '',
    acr: 'urn:mydata:acr:citizen-certificate',
    authTime: 0,
  };
  const decideOnce = () =>
    decide({ consent, service, subject: { state: 'ACTIVE' }, caller, contract, asked: QUESTION_FIELDS, now: Date.now() });
  if (decideOnce().refusals.length > 0) throw new Error('The decision of the bench refuses.');
  await cost(TIMES, decideOnce);
  await step('decision', TIMES, decideOnce);

  const calls = AGENCIES.map((agency) => ({
    fetch: { subgraph: agency, query: QUERY, variables: [] as readonly string[] } as Parameters<typeof issueWarrant>[1],
    checked: {
      fields: Object.fromEntries(Object.entries(QUESTION_FIELDS).filter(([dataset]) => dataset.startsWith(`${agency}.`))),
      datasets: new Map(),
    },
  }));
  const issueAll = () =>
    calls.map(({ fetch, checked }) =>
      issueWarrant({ issuer: 'mydata-gateway', caller, consent, nid, variables: {}, now: Date.now(), randomId }, fetch, checked),
    );
  const warrants = issueAll();
  await cost(TIMES, issueAll);
  await step('five warrants: claims and digests', TIMES, issueAll);
  await cost(TIMES, () => warrants.map(({ claims }) => sealer(claims)));
  await step('five warrants sealed', TIMES, () => warrants.map(({ claims }) => sealer(claims)));

  const common = (index: number) => ({ request: randomId(), at: Date.now(), subject: warm(index).subject });
  const intent = (index: number): DisclosureIntent => ({
    kind: 'DISCLOSURE_INTENT',
    ...common(index),
    client: CLIENT,
    provider: service.provider,
    service: service._id,
    purpose: service.purpose.code,
    consent: warm(index).consent,
    consentVersion: consent.version,
    documentHash: QUERY_HASH,
    refused: [],
    channel: 'ONLINE',
    permitted: QUESTION_FIELDS,
    warrants: warrants.map(({ claims, digest }) => ({ agency: claims.aud, digest })),
  });
  const counts = Object.fromEntries(Object.keys(QUESTION_FIELDS).map((dataset) => [dataset, 2]));
  const outcome = (index: number): DisclosureOutcome => ({
    kind: 'DISCLOSURE_OUTCOME',
    ...common(index),
    counts,
    failed: [],
    signatures: {},
  });
  const record = async (index: number): Promise<void> => {
    await audit.append(intent(index));
    audit.note(outcome(index));
  };
  await cost(1000, record);
  await step('audit: intent durable, outcome noted', TIMES, record);

  const append = (): Promise<void> => audit.append(intent(0));
  const latencies: AuditLatency[] = [];
  for (const [inFlight, total] of LATENCIES) latencies.push(await measureAuditLatency(append, inFlight, total));
  await audit.close();
  await close();
  return { steps, audit: latencies };
}

answerCommands({ start });
