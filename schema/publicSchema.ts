import { Supergraph } from '@apollo/federation-internals';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { HubError } from './errors.ts';

/** What clients see: the supergraph without federation's machinery and without anything inaccessible, sorted by name. */
export function publicSchema(supergraphSdl: string): string {
  try {
    return `${printSchema(lexicographicSortSchema(Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema()))}\n`;
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof Error ? cause.message : 'not a supergraph', { cause });
  }
}
