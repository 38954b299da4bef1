import type { HttpRequest } from './httpRequest.ts';
import type { Asked } from './pipeline.ts';

/** A request of which nothing is unusual, read. */
export interface PlainRequest {
  readonly text: string;
  readonly operationName: string | null;
  readonly asked: Asked;
  /** Media type of its answer. */
  readonly type: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

/** What clients accept in practice, and what Apollo Server answers them with; any other value is its to negotiate. */
const TYPE_OF_ACCEPT: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, JSON_TYPE],
  ['*/*', JSON_TYPE],
  ['application/json', JSON_TYPE],
  ['application/json, */*', JSON_TYPE],
  ['application/json, text/plain, */*', JSON_TYPE],
  ['application/graphql-response+json', GRAPHQL_TYPE],
  ['application/graphql-response+json, application/json', GRAPHQL_TYPE],
  ['application/graphql-response+json,application/json;q=0.9', GRAPHQL_TYPE],
  ['application/graphql-response+json, application/json;q=0.9', GRAPHQL_TYPE],
]);

const CONTENT_TYPES: ReadonlySet<unknown> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
]);

/**
 * Reads a POST of JSON whose members all are as they should be: what needs no more judging, because such a content type is never sent across sites
 * without a preflight, and these media types need no negotiation. Null: Apollo Server judges it.
 */
export function plainRequest({ method, headers, body }: HttpRequest): PlainRequest | null {
  if (method !== 'POST' || !CONTENT_TYPES.has(headers['content-type']) || !isMap(body)) return null;
  const accept = headers['accept'];
  const type = accept === undefined || typeof accept === 'string' ? TYPE_OF_ACCEPT.get(accept) : undefined;
  const { query: text, operationName = null, variables = null, extensions = null } = body;
  if (type === undefined || typeof text !== 'string' || text === '') return null;
  if ((operationName !== null && typeof operationName !== 'string') || operationName === '') return null;
  if ((variables !== null && !isMap(variables)) || (extensions !== null && !isMap(extensions))) return null;
  if (extensions !== null && 'persistedQuery' in extensions) return null;
  return { text, operationName, type, asked: { variables: variables ?? NONE, refuse: extensions?.['refuse'] === 'all' ? 'ALL' : 'SOME' } };
}

const NONE = {};

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
