import { randomBytes } from 'node:crypto';
import type { Caller } from '../../gateway/domain/caller.ts';
import type { Consent } from '../../gateway/domain/consent.ts';
import { decide } from '../../gateway/domain/decide.ts';
import type { PlannedFetch } from '../../gateway/operation/plannedOperation.ts';
import { warrantIssuer, type Warranted } from '../../gateway/operation/warrants.ts';
import type { DevelopmentKeys } from '../../gateway/keyRing.ts';
import { randomPool } from '../../schema/randomPool.ts';
import { WARRANT_ISSUER } from '../../schema/warrant.ts';
import { createWarrantSealer } from '../../schema/warrantSealer.ts';
import { AGENCIES } from '../../subgraphs/agencies.ts';
import { CLIENT, ENDPOINT } from './benchKeys.ts';
import { benchVerifier } from './benchVerifier.ts';
import { benchCitizen } from './citizens.ts';
import type { Pass } from './passes.ts';
import { COLD_FROM, WARM } from './people.ts';
import { fieldsOf, QUESTION, textOf } from './question.ts';
import type { SeededHub } from './seededHub.ts';
import { measureStep, type Step } from './step.ts';

// The steps before the audit log, one by one. A cold one has never seen its citizen; a warm one sees 64 in rotation.

const TIMES = 3000;
const WARM_UP = { times: TIMES, first: TIMES };
const GUARD = { ...WARM_UP, ofGuard: true };

const warm = (index: number) => benchCitizen(WARM.from + (index % WARM.count));

/** Token and proof. `mint` makes passes of citizens below `people`. */
export async function tokenSteps({ hub }: DevelopmentKeys, mint: (number: number) => Pass, people: number): Promise<Step[]> {
  const verifier = benchVerifier(hub);
  const verify = ({ authorization }: Pass, proof = ''): Promise<Caller> =>
    verifier.verify({ authorization, proof, method: 'POST', url: ENDPOINT });
  const passes = Array.from({ length: WARM.count }, (_, index) => mint(WARM.from + index));
  const passOf = (index: number): Pass => passes[index % passes.length] as Pass;
  const proofs = Array.from({ length: 2 * TIMES }, (_, index) => passOf(index).proof());
  const strangers = Array.from({ length: people - COLD_FROM }, (_, index) => mint(COLD_FROM + index));
  const theirs = strangers.map((pass) => pass.proof());
  return [
    await measureStep('token from the cache, a fresh DPoP proof', WARM_UP, (index) => verify(passOf(index), proofs[index])),
    await measureStep('token, key and DPoP proof never seen', { times: strangers.length }, (index) =>
      verify(strangers[index] as Pass, theirs[index]),
    ),
  ];
}

/** What is read live with each request. */
export async function readSteps({ consents, subjects, service }: SeededHub, people: number): Promise<Step[]> {
  const strangers = { times: people - COLD_FROM };
  return [
    await measureStep('consent read, one of 64', GUARD, (index) => consents.read(warm(index).consent)),
    await measureStep('consent read, never read before', strangers, (index) => consents.read(benchCitizen(COLD_FROM + index).consent)),
    await measureStep('service read', GUARD, () => consents.services.read(service._id)),
    await measureStep('subject read and opened', GUARD, (index) => subjects.read(warm(index).subject)),
  ];
}

/** The decision. Throws where it refuses: then it measures another one. */
export async function decisionStep({ contract, consents, service: { _id } }: SeededHub, caller: Caller, consent: Consent): Promise<Step> {
  const service = await consents.services.read(_id);
  const asked = fieldsOf(QUESTION);
  const decideOnce = () => decide({ consent, service, subject: { state: 'ACTIVE' }, caller, contract, asked, now: Date.now() });
  if (decideOnce().refusals.length > 0) throw new Error('The decision of the bench refuses.');
  return measureStep('decision', GUARD, decideOnce);
}

/** Five warrants, made and sealed; and the five themselves. */
export async function warrantSteps(
  { hub }: DevelopmentKeys,
  caller: Caller,
  consent: Consent,
): Promise<{ readonly steps: Step[]; readonly warrants: readonly Warranted[] }> {
  const { nid } = benchCitizen(WARM.from);
  const sealer = createWarrantSealer({ own: hub.warrant, agencies: hub.agencies, now: Date.now, randomBytes });
  const random = randomPool(randomBytes);
  const randomId = (): string => random(16).toString('base64url');
  const query = textOf(QUESTION);
  const calls = AGENCIES.map((agency) => ({
    fetch: { subgraph: agency, query, variables: [] as readonly string[] } as PlannedFetch,
    checked: { fields: fieldsOf(QUESTION.filter(({ dataset }) => dataset.startsWith(`${agency}.`))), datasets: new Map<string, string>() },
  }));
  const issueAll = (): Warranted[] => {
    const issue = warrantIssuer({ issuer: WARRANT_ISSUER, caller, consent, nid, variables: {}, now: Date.now(), randomId });
    return calls.map(({ fetch, checked }) => issue(fetch, checked));
  };
  const warrants = issueAll();
  const steps = [
    await measureStep('five warrants: claims and digests', GUARD, issueAll),
    await measureStep('five warrants sealed', GUARD, () => warrants.map(({ claims }) => sealer(claims))),
  ];
  return { steps, warrants };
}

/** Citizen 0 through the bench's client, under her consent. */
export function callerOf(consent: Consent): Caller {
  return {
    kind: 'RELYING_PARTY',
    client: CLIENT,
    subject: benchCitizen(WARM.from).subject,
    consent: consent._id,
    grant: '',
    acr: 'urn:mydata:acr:citizen-certificate',
    authTime: 0,
  };
}
