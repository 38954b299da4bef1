import { GraphQLError } from 'graphql';
import type { FetchAnswer } from '../planExecutor.ts';
import type { Place } from './compilePath.ts';

/** A subgraph's error at its place in the answer. Which subgraph it was stays here: its name is no client's business. */
export function subgraphError(error: NonNullable<FetchAnswer['errors']>[number], path: Place | undefined): GraphQLError {
  return new GraphQLError(error.message || 'A subgraph failed.', {
    ...(path === undefined ? {} : { path: [...path] }),
    ...(error.extensions === undefined ? {} : { extensions: { ...error.extensions } }),
  });
}
