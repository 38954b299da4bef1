import { HubError } from '../../schema/errors.ts';

/** Of one request's body, a warrant not counted. */
export const BODY_BYTES = 64 * 1024;
/** Of its variables. The gateway's own have three levels. */
const MAX_DEPTH = 8;

export interface PresentedQuery {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** `{"query", "variables"}` and nothing else: what the warrant does not bind is not taken. Throws REQUEST_MALFORMED. */
export function readQuery(body: unknown): PresentedQuery {
  const { query, variables = {}, ...others } = isObject(body) ? body : {};
  if (typeof query !== 'string' || !isObject(variables) || !isShallow(variables, MAX_DEPTH) || Object.keys(others).length > 0)
    throw new HubError('REQUEST_MALFORMED');
  return { query, variables };
}

/** `{"predicate", "arguments"}` and nothing else. Throws REQUEST_MALFORMED. */
export function readCheck(body: unknown): { predicate: string; arguments: Readonly<Record<string, string>> } {
  const { predicate, arguments: args, ...others } = isObject(body) ? body : {};
  const texts = isObject(args) && Object.values(args).every((value) => typeof value === 'string');
  if (typeof predicate !== 'string' || !texts || Object.keys(others).length > 0) throw new HubError('REQUEST_MALFORMED');
  return { predicate, arguments: args as Readonly<Record<string, string>> };
}

/** The gateway's request id, if it is one. */
export function readRequestId(id: unknown): string {
  return typeof id === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : 'none';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}
