import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import { execute } from 'graphql';
import { WrittenAnswer } from '../../gateway/operation/answer.ts';
import { createCompiler, type CompiledOperation } from '../../gateway/operation/compiledOperation.ts';
import { compileExecutor } from '../../gateway/operation/executor/compileExecutor.ts';
import { createFront } from '../../gateway/operation/front.ts';
import { loadGraph } from '../../gateway/operation/graph.ts';
import { HUB } from '../../gateway/operation/hubSubgraph.ts';
import { LIMITS } from '../../gateway/operation/limits.ts';
import type { PlannedFetch, PlannedOperation } from '../../gateway/operation/plannedOperation.ts';
import { inThreadPlanner } from '../../gateway/operation/planner/inThreadPlanner.ts';
import { planOperation } from '../../gateway/operation/planOperation.ts';
import { graphqlRoutes } from '../../gateway/operation/routes.ts';
import { fitVariables } from '../../gateway/operation/variables.ts';
import { randomPool } from '../../schema/randomPool.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';
import { agencyTransports } from './agencyTransports.ts';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { SUPERGRAPH } from './seededStore.ts';
import { SUBJECT_HEADER, unguardedHubSchema } from './unguardedHub.ts';

/** The transport passes it to a sealer that seals nothing. */
const NOTHING = {} as WarrantClaims;

/**
 * The product's other parts (front, compiler, planner, executor, transports) put together without token, consent, decision, warrants and audit:
 * what those cost is the difference. It is put together here alone; no flag of the product does this.
 */
export async function unguardedGateway({ way, addresses }: WiringInput): Promise<Wiring> {
  const graph = loadGraph(readFileSync(SUPERGRAPH, 'utf8'));
  const compiler = createCompiler({ limits: LIMITS, introspection: false, planner: inThreadPlanner(graph) });
  const executor = compileExecutor(graph);
  const plans = new WeakMap<CompiledOperation, PlannedOperation>();
  const hubSchema = unguardedHubSchema((context) => String(context));
  const transports = new Map((await agencyTransports(way, addresses.unguarded, () => 'none')).map((each) => [each.agency, each]));

  function plan(compiled: CompiledOperation): PlannedOperation {
    const planned = plans.get(compiled) ?? planOperation(graph, compiled.document, { askIds: true });
    plans.set(compiled, planned);
    return planned;
  }

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
      text === null ? null : { subject: String(headers[SUBJECT_HEADER]), compiled: await compiler.compile(text, operationName, 'bench') },
    async answer({ subject, compiled }, request, asked) {
      const { sent } = fitVariables(graph.api, compiled, asked.variables, LIMITS);
      const { text, errors } = await executor.run(plan(compiled), {
        variables: sent,
        fetch: (fetch, variables) => ask(fetch, variables, subject, request),
      });
      return new WrittenAnswer(text, errors, null);
    },
    document: compiler.document,
    failure: (_request, cause) => console.error('unguarded:', cause),
    statusForLegacyClients: 400,
  });
  const app = fastify({ bodyLimit: 256 * 1024 });
  const random = randomPool(randomBytes);
  const requestId = (): string => random(16).toString('base64url');
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
