import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { ERRORS, type ErrorCode } from '../../schema/errors.ts';

/** An error as an agency sends it: where and which code; never a value, a stack or a library's own words. */
export function neutralError({
  path,
  extensions,
}: Pick<GraphQLError | GraphQLFormattedError, 'path' | 'extensions'>): GraphQLFormattedError {
  const code = knownCode(extensions?.['code']);
  return { message: ERRORS[code].en, ...(path && { path }), extensions: { code } };
}

/** Codes that an agency answers with, Apollo's for a variable that does not fit its type among them; every other is SOURCE_UNAVAILABLE: something went wrong behind the register's door. */
function knownCode(code: unknown): ErrorCode {
  if (code === 'BAD_USER_INPUT') return 'REQUEST_MALFORMED';
  const known = typeof code === 'string' && Object.hasOwn(ERRORS, code) && (code.startsWith('WARRANT_') || KNOWN.has(code));
  return known ? (code as ErrorCode) : 'SOURCE_UNAVAILABLE';
}

const KNOWN: ReadonlySet<string> = new Set(['FORBIDDEN', 'REQUEST_MALFORMED', 'TOO_MANY_REQUESTS', 'CHECK_UNKNOWN']);
