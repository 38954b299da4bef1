import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import { execute } from 'graphql';
import { createCompiler, type CompiledOperation } from '../../gateway/operation/compiledOperation.ts';
import { createFront } from '../../gateway/operation/front.ts';
import { loadGraph } from '../../gateway/operation/graph.ts';
import { HUB } from '../../gateway/operation/hubSubgraph.ts';
import { LIMITS } from '../../gateway/operation/limits.ts';
import type { PlannedFetch } from '../../gateway/operation/plannedOperation.ts';
import { createOperationCache } from '../../gateway/operation/preparedOperation.ts';
import { graphqlRoutes } from '../../gateway/operation/routes.ts';
import { stockExecutor } from '../../gateway/operation/stockExecutor.ts';
import { fitVariables } from '../../gateway/operation/variables.ts';
import { writeAnswer } from '../../gateway/operation/writeAnswer.ts';
import { readContract } from '../../schema/contract.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';
import { agencyTransports } from './agencyTransports.ts';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { SUPERGRAPH } from './seededStore.ts';
import { SUBJECT_HEADER, unguardedHubSchema } from './unguardedHub.ts';

/**
 * Our pipeline's other parts (front, compiler, planner, executor, transports, writer) put together without token, consent, decision, warrants
 * and audit: what those cost is the difference. It is put together here alone; no flag of the product does this.
 */
export async function unguardedGateway({ way, addresses }: WiringInput): Promise<Wiring> {
  const supergraphSdl = readFileSync(SUPERGRAPH, 'utf8');
  const graph = loadGraph(supergraphSdl);
  const operations = createOperationCache({ graph, contract: readContract(supergraphSdl) });
  const compiler = createCompiler({ api: graph.api, limits: LIMITS, introspection: false });
  const executor = stockExecutor(graph);
  const hubSchema = unguardedHubSchema((context) => String(context));
  const transports = new Map((await agencyTransports(way, addresses.unguarded, () => 'none')).map((each) => [each.agency, each]));

  async function ask(fetch: PlannedFetch, variables: Record<string, unknown>, subject: string, request: string) {
    if (fetch.subgraph === HUB) {
      const { data } = await execute({ schema: hubSchema, document: fetch.document, variableValues: variables, contextValue: subject });
      return { data: data ?? null };
    }
    const transport = transports.get(fetch.subgraph);
    if (transport === undefined) throw new Error(`No way to ${fetch.subgraph}.`);
    const { data } = await transport.call({ query: fetch.query, variables, warrant: NOTHING, request });
    return { data: data ?? null };
  }

  const front = await createFront<{ readonly subject: string; readonly compiled: CompiledOperation }>({
    graph,
    admit: async ({ headers }, text, operationName) =>
      text === null ? null : { subject: String(headers[SUBJECT_HEADER]), compiled: compiler.compile(text, operationName) },
    async answer({ subject, compiled }, request, asked) {
      const { sent, coerced } = fitVariables(graph.api, compiled, asked.variables, LIMITS);
      const selected = operations.select(compiled, coerced);
      const { pruned, planned } = operations.prepare(selected, selected.closure.asked);
      if (planned === null) return { data: writeAnswer(pruned.shape, null) };
      const { data } = await executor.run(planned, {
        variables: sent,
        fetch: (fetch, variables) => ask(fetch, variables, subject, request),
      });
      return { data: pruned.whole && data !== null ? data : writeAnswer(pruned.shape, data) };
    },
    document: compiler.document,
    failure: (_request, cause) => console.error('unguarded:', cause),
    statusForLegacyClients: 400,
  });
  const app = fastify({ bodyLimit: 256 * 1024 });
  const requestId = (): string => randomBytes(16).toString('base64url');
  await app.register(graphqlRoutes({ front, paths: ['/graphql'], bodyBytes: LIMITS.bodyBytes, publicSdl: graph.publicSdl, requestId }));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: Number(new URL(address).port),
    calls: () => 0,
    async close() {
      await app.close();
      await front.stop();
      await Promise.all([...transports.values()].map((transport) => transport.close()));
      return null;
    },
  };
}

/** The transport passes it to a sealer that seals nothing. */
const NOTHING = {} as WarrantClaims;
