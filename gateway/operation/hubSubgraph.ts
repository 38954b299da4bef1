import { execute, type GraphQLError, type GraphQLSchema } from 'graphql';
import { ERRORS, HubError, type ErrorCode } from '../../schema/errors.ts';
import type { Caller } from '../domain/caller.ts';
import type { FetchAnswer } from './planExecutor.ts';
import type { PlannedFetch } from './plannedOperation.ts';

/** Name of the hub's own subgraph. */
export const HUB = 'hub';

/** What the hub's own resolvers and their guards know of a request. */
export interface HubContext {
  readonly caller: Caller;
  /** The request id. */
  readonly request: string;
}

/**
 * Runs the hub's own part of a plan in process. The schema's guards decide who may read and change what; an error that is not one of the
 * table's says nothing to the client, and everything to `failure`.
 */
export async function fetchFromHub(
  schema: GraphQLSchema,
  fetch: PlannedFetch,
  variables: Record<string, unknown>,
  context: HubContext,
  failure: (cause: unknown) => void,
): Promise<FetchAnswer> {
  // A fresh context for each fetch: what guards remember on it ends with it.
  const { data, errors } = await execute({ schema, document: fetch.document, variableValues: variables, contextValue: { ...context } });
  return { data: data ?? null, errors: (errors ?? []).map((error) => neutral(error, failure)) };
}

function neutral(error: GraphQLError, failure: (cause: unknown) => void) {
  const code = codeOf(error);
  if (code === 'INTERNAL') failure(error);
  const path = error.path === undefined ? {} : { path: error.path };
  return { message: code === 'INTERNAL' ? ERRORS.INTERNAL.en : error.message, ...path, extensions: { code } };
}

function codeOf(error: GraphQLError): ErrorCode {
  if (error.originalError instanceof HubError) return error.originalError.code;
  const code = error.extensions['code'];
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'INTERNAL';
}
