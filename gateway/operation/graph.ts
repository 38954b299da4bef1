import { Supergraph, type Schema } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { HubError } from '../../schema/errors.ts';

/** One loaded supergraph: what clients see, what planning needs, and who serves what. */
export interface Graph {
  readonly supergraphSdl: string;
  /** What clients see: without federation's machinery and without anything inaccessible. */
  readonly api: GraphQLSchema;
  /** The same in the planner's own form. */
  readonly plannerApi: Schema;
  /** Everything, inaccessible elements included: entities and their keys are looked up here. */
  readonly whole: GraphQLSchema;
  readonly planner: QueryPlanner;
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[];
  /** The text of `api`, sorted: GET /schema.graphql. */
  readonly publicSdl: string;
}

export interface GraphOptions {
  /** Plans compared for one operation, at most: planning blocks the event loop. A hub's fields each have one source, so one plan exists. */
  readonly maxEvaluatedPlans?: number;
}

/** Reads a composed supergraph. Throws CONTRACT_BROKEN when it is none. */
export function loadGraph(supergraphSdl: string, { maxEvaluatedPlans = 1_000 }: GraphOptions = {}): Graph {
  try {
    const supergraph = Supergraph.build(supergraphSdl, { validateSupergraph: true });
    const plannerApi = supergraph.apiSchema();
    const api = plannerApi.toGraphQLJSSchema();
    return {
      supergraphSdl,
      api,
      plannerApi,
      whole: supergraph.schema.toGraphQLJSSchema(),
      planner: new QueryPlanner(supergraph, { reuseQueryFragments: false, generateQueryFragments: false, debug: { maxEvaluatedPlans } }),
      subgraphs: supergraph.subgraphsMetadata(),
      publicSdl: `${printSchema(lexicographicSortSchema(api))}\n`,
    };
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof Error ? cause.message : 'not a supergraph', { cause });
  }
}
