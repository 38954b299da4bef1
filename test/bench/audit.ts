import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog } from '../../gateway/audit/auditLog.ts';
import { draftOf, nextBatch, NO_TAIL } from '../../gateway/audit/batch.ts';
import { openStore } from '../../store/openStore.ts';
import { intent } from '../fixtures/auditBodies.ts';
import { randomId } from '../fixtures/auditDatabase.ts';
import { measureAuditLatency } from './auditLatency.ts';

/** `tsx test/bench/audit.ts`: what an entry of the audit log costs, on the embedded store or on MONGODB_URI. */
const KEY = randomBytes(32);

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** Our own part: canonical body, pseudonym, salt, leaf, tree, hashes; no store. */
function ownCost(batchSize: number): number {
  const bodies = Array.from({ length: batchSize }, () => intent({ subject: randomId() }));
  const rounds = Math.ceil(20_000 / batchSize);
  let tail = NO_TAIL;
  const cpu = process.cpuUsage();
  for (let index = 0; index < rounds; index += 1) {
    const drafts = bodies.map((body) => draftOf(body, KEY));
    tail = nextBatch('bench', tail, drafts, randomBytes(16 * batchSize), index).tail;
  }
  const { user, system } = process.cpuUsage(cpu);
  return round((user + system) / (rounds * batchSize), 1);
}

const folder = await mkdtemp(join(tmpdir(), 'audit-bench-'));
const uri = process.env['MONGODB_URI'];
const store = await openStore({ dataDir: join(folder, 'data'), ...(uri === undefined ? {} : { uri }) });
const connection = await store.database(uri === undefined ? 'audit' : `audit_bench_${randomBytes(6).toString('hex')}`);
const headKey = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), kid: 'bench' };
const log = await openAuditLog({
  connection,
  now: Date.now,
  randomId,
  randomBytes,
  pseudonymKey: KEY,
  headKey,
  headFile: join(folder, 'heads.jsonl'),
  alone: store.ownsAllWrites,
});

const append = (): Promise<void> => log.append(intent({ subject: randomId() }));
await measureAuditLatency(append, 32, 5000);
console.table([
  await measureAuditLatency(append, 1, 1000),
  await measureAuditLatency(append, 32, 20_000),
  await measureAuditLatency(append, 256, 40_000),
]);
console.table([1, 32, 256].map((size) => ({ 'batch of': size, 'own CPU µs/entry': ownCost(size) })));

const subject = randomId();
for (let index = 0; index < 2000; index += 1) await log.append(intent({ subject }));
const first = performance.now();
const page = await log.forSubject(subject, { first: 20 });
const second = performance.now();
await log.forSubject(subject, { first: 20, after: page.at(-1)?.id });
console.table([
  { 'who saw what, of 2000': 'page 1', ms: round(second - first) },
  { 'who saw what, of 2000': 'page 2', ms: round(performance.now() - second) },
]);

await log.close();
if (uri !== undefined) await connection.dropDatabase();
await store.close();
await rm(folder, { recursive: true, force: true });
