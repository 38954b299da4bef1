import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import { hubSdl } from '../../gateway/consent/hubSchema.ts';

/** The header by which the bench says who asks, where no token does. */
export const SUBJECT_HEADER = 'x-bench-subject';

/** The hub's own subgraph without its guards, for the wirings that leave consent out: `me` and nothing else. */
export function unguardedHubSchema(subjectOf: (context: unknown) => string): GraphQLSchema {
  const me = (_parent: unknown, _args: unknown, context: unknown) => ({ id: subjectOf(context) });
  return buildSubgraphSchema({ typeDefs: parse(hubSdl()), resolvers: { Query: { me } } });
}
