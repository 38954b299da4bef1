import { executeQueryPlan, type ServiceMap } from '@apollo/gateway/dist/executeQueryPlan.js';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { GraphQLError } from 'graphql';
import type { Graph } from '../../gateway/operation/graph.ts';
import type { PlanExecutor, PlanRun } from '../../gateway/operation/planExecutor.ts';
import type { PlannedOperation } from '../../gateway/operation/plannedOperation.ts';

/**
 * @apollo/gateway's own plan execution with our fetches. Imported without the gateway around it, which would send telemetry and keep caches
 * keyed by the client's document instead of the pruned one.
 */
export function stockExecutor(graph: Graph): PlanExecutor {
  return {
    async run(planned, run) {
      const { operation, fragments, plan } = planned;
      const context = {
        schema: graph.api,
        operation,
        fragments: Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment])),
      };
      const result = await executeQueryPlan(
        plan,
        servicesFor(planned, run),
        requestContext(planned, run),
        context,
        graph.whole,
        graph.plannerApi,
      );
      const unfit = result.extensions?.['valueCompletion'] as readonly { readonly path?: readonly (string | number)[] }[] | undefined;
      const data = (result.data as Record<string, unknown> | null | undefined) ?? null;
      return {
        data,
        text: JSON.stringify(data),
        errors: (result.errors ?? []).map(asGraphQLError),
        unfit: (unfit ?? []).flatMap(({ path }) => (path === undefined ? [] : [path])),
      };
    },
  };
}

/** One data source for every subgraph: which fetch it is, its document says. */
function servicesFor({ fetches, fetchOf }: PlannedOperation, run: PlanRun): ServiceMap {
  const source = {
    async process({ document, request }: { document?: unknown; request: { variables?: Record<string, unknown> } }) {
      const fetch = fetchOf.get(document);
      if (fetch === undefined) throw new GraphQLError('A fetch outside the plan.');
      const { data, errors } = await run.fetch(fetch, request.variables ?? {});
      return { data, ...(errors === undefined || errors.length === 0 ? {} : { errors }) };
    },
  };
  return Object.fromEntries(fetches.map(({ subgraph }) => [subgraph, source]));
}

function requestContext({ document, operation }: PlannedOperation, { variables }: PlanRun): GatewayGraphQLRequestContext {
  // Only what plan execution reads: no HTTP request, so that nothing of the client can reach a subgraph by it.
  const read = { request: { variables }, document, operation, metrics: {}, context: {}, logger: SILENT };
  return read as unknown as GatewayGraphQLRequestContext;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

function asGraphQLError(error: unknown): GraphQLError {
  return error instanceof GraphQLError
    ? error
    : new GraphQLError('A part of the answer failed.', { originalError: error instanceof Error ? error : null });
}
