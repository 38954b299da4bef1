import { randomBytes } from 'node:crypto';
import type { AuditLog } from '../../gateway/audit/auditLog.ts';
import type { DisclosureIntent, DisclosureOutcome } from '../../gateway/domain/auditEntry.ts';
import type { Consent } from '../../gateway/domain/consent.ts';
import type { Warranted } from '../../gateway/operation/warrants.ts';
import { sha256 } from '../../schema/canonical.ts';
import { randomPool } from '../../schema/randomPool.ts';
import { measureAuditLatency, type AuditLatency } from './auditLatency.ts';
import { benchCitizen } from './citizens.ts';
import { WARM } from './people.ts';
import { fieldsOf, QUESTION, textOf } from './question.ts';
import { measureStep, type Step } from './step.ts';

const TIMES = 3000;
/** In flight, and how many in all. */
const LATENCIES = [
  [1, 1000],
  [32, 10_000],
  [256, 10_000],
] as const;

/** What recording a disclosure costs, and how long its intent waits for the durable write that it shares. */
export async function auditSteps(
  audit: AuditLog,
  consent: Consent,
  warrants: readonly Warranted[],
): Promise<{ readonly step: Step; readonly latencies: readonly AuditLatency[] }> {
  const random = randomPool(randomBytes);
  const permitted = fieldsOf(QUESTION);
  const documentHash = sha256(textOf(QUESTION));
  const counts = Object.fromEntries(Object.keys(permitted).map((dataset) => [dataset, 2]));
  const digests = warrants.map(({ claims, digest }) => ({ agency: claims.aud, digest }));
  const common = (index: number) => ({
    request: random(16).toString('base64url'),
    at: Date.now(),
    subject: benchCitizen(WARM.from + (index % WARM.count)).subject,
  });
  const intent = (index: number): DisclosureIntent => ({
    kind: 'DISCLOSURE_INTENT',
    ...common(index),
    client: consent.client,
    provider: consent.provider,
    service: consent.service.id,
    purpose: consent.purpose.code,
    consent: consent._id,
    consentVersion: consent.version,
    documentHash,
    refused: [],
    channel: 'ONLINE',
    permitted,
    warrants: digests,
  });
  const outcome = (index: number): DisclosureOutcome => ({
    kind: 'DISCLOSURE_OUTCOME',
    ...common(index),
    counts,
    failed: [],
    signatures: {},
  });
  const step = await measureStep('audit: intent durable, outcome noted', { times: TIMES, first: 1000, ofGuard: true }, async (index) => {
    await audit.append(intent(index));
    audit.note(outcome(index));
  });
  const latencies: AuditLatency[] = [];
  for (const [inFlight, total] of LATENCIES) latencies.push(await measureAuditLatency(() => audit.append(intent(0)), inFlight, total));
  return { step, latencies };
}
