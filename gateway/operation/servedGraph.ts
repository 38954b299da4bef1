import { buildSchema, lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';

/** What the thread that serves holds of a supergraph. What plans it is in another (planner/). */
export interface ServedGraph {
  readonly supergraphSdl: string;
  /** What clients see: without federation's machinery and without anything inaccessible. */
  readonly api: GraphQLSchema;
  /** Everything, inaccessible elements included: entities and their keys are looked up here. */
  readonly whole: GraphQLSchema;
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[];
  /** The text of `api`, sorted: GET /schema.graphql. */
  readonly publicSdl: string;
}

/** The same as plain data, as it comes from the planner's thread. */
export interface GraphTexts {
  readonly api: string;
  readonly whole: string;
  readonly subgraphs: ServedGraph['subgraphs'];
}

/** The graph of these texts; they were written from sound schemas. */
export function serveGraph(supergraphSdl: string, texts: GraphTexts): ServedGraph {
  const api = buildSchema(texts.api, { noLocation: true, assumeValid: true });
  return {
    supergraphSdl,
    api,
    whole: buildSchema(texts.whole, { noLocation: true, assumeValid: true }),
    subgraphs: texts.subgraphs,
    publicSdl: `${printSchema(lexicographicSortSchema(api))}\n`,
  };
}
