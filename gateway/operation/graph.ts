import { Supergraph, type Schema } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import { readJoinMarks, type JoinMarks } from './planner/mend/joinMarks.ts';
import type { ServedGraph } from './servedGraph.ts';

/** One loaded supergraph with its planner. */
export interface Graph extends ServedGraph {
  /** `api` in the planner's own form. */
  readonly plannerApi: Schema;
  readonly planner: QueryPlanner;
  readonly marks: JoinMarks;
}

export interface GraphOptions {
  /** Plans compared for one operation, at most. A hub's fields each have one source, so one plan exists. */
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
      marks: readJoinMarks(supergraphSdl),
      subgraphs: supergraph.subgraphsMetadata(),
      publicSdl: `${printSchema(lexicographicSortSchema(api))}\n`,
    };
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof Error ? cause.message : 'not a supergraph', { cause });
  }
}
