import { createPrivateKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openAuditLog } from '../../gateway/audit/auditLog.ts';
import type { AuditLatency } from './auditLatency.ts';
import { auditSteps } from './auditSteps.ts';
import { benchKeys } from './benchKeys.ts';
import { benchCitizen } from './citizens.ts';
import { callerOf, decisionStep, readSteps, tokenSteps, warrantSteps } from './guardSteps.ts';
import { passMinter } from './passes.ts';
import { COLD_FROM, WARM } from './people.ts';
import { answerCommands } from './rpc.ts';
import { openSeededHub } from './seededHub.ts';
import type { Step } from './step.ts';

/** What each step costs, and how long an entry of the audit log waits. */
export interface StepResults {
  readonly steps: readonly Step[];
  readonly audit: readonly AuditLatency[];
}

/** The citizens of its store. */
const PEOPLE = COLD_FROM + 1200;

async function start({ folder }: { readonly folder: string }): Promise<StepResults> {
  const keys = benchKeys(folder);
  const seeded = await openSeededHub({ folder, data: 'steps' }, PEOPLE);
  const audit = await openAuditLog({
    connection: await seeded.store.database('audit'),
    now: Date.now,
    randomId: () => randomBytes(16).toString('base64url'),
    randomBytes,
    pseudonymKey: Buffer.from(keys.hub.pseudonym, 'base64url'),
    headKey: keys.hub.heads,
    headFile: join(folder, 'steps-heads.jsonl'),
    alone: true,
  });
  const mint = passMinter(keys, createPrivateKey({ key: keys.hub.tokens[0] as never, format: 'jwk' }));
  const tokens = await tokenSteps(keys, mint, PEOPLE);
  const reads = await readSteps(seeded, PEOPLE);
  const consent = await seeded.consents.read(benchCitizen(WARM.from).consent);
  if (consent === null) throw new Error('The consent of the bench is not there.');
  const caller = callerOf(consent);
  const decision = await decisionStep(seeded, caller, consent);
  const { steps, warrants } = await warrantSteps(keys, caller, consent);
  const { step, latencies } = await auditSteps(audit, consent, warrants);
  await audit.close();
  await seeded.close();
  return { steps: [...tokens, ...reads, decision, ...steps, step], audit: latencies };
}

answerCommands({ start });
