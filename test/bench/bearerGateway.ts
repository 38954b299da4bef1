import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { openAuditLog } from '../../gateway/audit/auditLog.ts';
import { createHubSchema } from '../../gateway/consent/hubSchema.ts';
import { openConsents } from '../../gateway/consent/consents.ts';
import { openSubjects } from '../../gateway/identity/subjects.ts';
import { createPipeline } from '../../gateway/operation/createPipeline.ts';
import { readContract } from '../../schema/contract.ts';
import { randomPool } from '../../schema/randomPool.ts';
import { createWarrantSealer } from '../../schema/warrantSealer.ts';
import { agencyTransports, counted } from './agencyTransports.ts';
import { countAudit } from './auditCount.ts';
import { benchKeys } from './benchKeys.ts';
import { bearerVerifier } from './bearerVerifier.ts';
import { benchVault } from './benchVault.ts';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { openSeeded, SUPERGRAPH } from './seededStore.ts';

const bytesOf = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');
const random = randomPool(randomBytes);
const randomId = (): string => random(16).toString('base64url');

/**
 * The product's rooms around its pipeline, as gateway/hub.ts puts them together, with one difference: who holds a token that was proved once is
 * believed. It is put together here alone; the product refuses bearer tokens.
 */
export async function bearerGateway(input: WiringInput): Promise<Wiring> {
  const { hub: keys } = benchKeys(input.folder);
  const store = await openSeeded(input);
  const connection = await store.database('hub');
  const supergraphSdl = readFileSync(input.supergraph ?? SUPERGRAPH, 'utf8');
  const contract = readContract(supergraphSdl);
  const audit = await openAuditLog({
    connection: await store.database('audit'),
    now: Date.now,
    randomId,
    randomBytes,
    pseudonymKey: bytesOf(keys.pseudonym),
    headKey: keys.heads,
    headFile: join(input.folder, `${input.data}-heads.jsonl`),
    alone: store.ownsAllWrites,
  });
  const consents = await openConsents({
    connection,
    contract: () => contract,
    now: Date.now,
    randomId,
    publish: audit.publishConsentChange,
    issuer: '',
    manageAt: '',
    signReceipt: async () => '',
  });
  const subjects = await openSubjects(connection, benchVault(keys), randomId);
  const sealer = createWarrantSealer({ own: keys.warrant, agencies: keys.agencies, now: Date.now, randomBytes });
  const { transports, calls } = counted(await agencyTransports(input.way, input.addresses.guarded, sealer));
  const failure = (where: string) => (note: unknown, error?: unknown) => console.error(`bearer: ${where}:`, note, error ?? '');
  const pipeline = await createPipeline({
    supergraphSdl,
    contract,
    hubSchema: createHubSchema({ consents, contract: () => contract, accessLog: audit.forSubject }),
    transports,
    authenticate: bearerVerifier(keys),
    readConsent: consents.read,
    readService: consents.services.read,
    readSubject: subjects.read,
    takeUse: consents.takeUse,
    audit,
    now: Date.now,
    randomId,
    alarm: failure('alarm'),
    failure: failure('operation'),
  });
  const app = fastify({ bodyLimit: 256 * 1024 });
  await app.register(pipeline.routes);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: Number(new URL(address).port),
    calls,
    async close() {
      await app.close();
      await pipeline.stop();
      await consents.close();
      await audit.close();
      await Promise.all(transports.map((transport) => transport.close()));
      const counts = await countAudit(store);
      await store.close();
      return counts;
    },
  };
}
