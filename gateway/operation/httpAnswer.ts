import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { ERRORS } from '../../schema/errors.ts';
import { failed, type Answer } from './answer.ts';
import { InvalidDocument } from './compiledOperation.ts';

/** One HTTP answer, whoever writes it. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer of ours as HTTP. `status` where it is not the answer's own. */
export function httpAnswer(answer: Answer, type: string, status = answer.status ?? 200): HttpAnswer {
  return { status, headers: { ...answer.headers, 'content-type': type, 'cache-control': 'no-store' }, body: bodyOf(answer) };
}

interface Failing {
  readonly failure: (request: string, cause: unknown) => void;
  readonly statusForLegacyClients: 200 | 400;
}

/** A request that ended with an error, as HTTP. A document that does not fit has a status of its own for clients that take `application/json`. */
export function failedAnswer({ failure, statusForLegacyClients }: Failing, error: unknown, request: string, type: string): HttpAnswer {
  const answer = failed(error, request, (cause) => failure(request, cause));
  const legacy = error instanceof InvalidDocument && type.startsWith('application/json');
  return httpAnswer(answer, type, legacy ? statusForLegacyClients : answer.status);
}

/** The body, members in the order that Apollo Server gives them; `data` as it is written already, where it is. */
export function bodyOf(answer: Answer): string {
  const members: string[] = [];
  if (answer.errors !== undefined) members.push(`"errors":${JSON.stringify(answer.errors.map(formatted))}`);
  const data = answer.text ?? (answer.data === undefined ? undefined : JSON.stringify(answer.data));
  if (data !== undefined) members.push(`"data":${data}`);
  if (answer.extensions !== undefined) members.push(`"extensions":${JSON.stringify(answer.extensions)}`);
  return `{${members.join(',')}}\n`;
}

function formatted(error: GraphQLError): GraphQLFormattedError {
  return neutral(error.toJSON());
}

/** An error under a code of our table, whoever made it: Apollo Server's own codes are translated, unknown ones say nothing. */
export function neutral(error: GraphQLFormattedError): GraphQLFormattedError {
  const code = error.extensions?.['code'];
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) return error;
  if (code === 'BAD_REQUEST' || code === 'PERSISTED_QUERY_NOT_SUPPORTED')
    return { message: error.message.trim(), extensions: { code: 'REQUEST_MALFORMED' } };
  return { message: ERRORS.INTERNAL.en, extensions: { code: 'INTERNAL' } };
}
