import { Pool } from 'undici';
import type { AgencyAnswer, AgencyTransport } from '../../../schema/agencyTransport.ts';
import type { WarrantClaims } from '../../../schema/warrant.ts';
import type { WarrantSealer } from '../../../schema/warrantSealer.ts';
import { connectionOptions, type AgencyAddress } from './agencyAddress.ts';
import { readAgencyAnswer, refusalCode } from './agencyAnswer.ts';
import { agencyCalls, type Outcome } from './agencyCalls.ts';
import { post } from './post.ts';
import { requestText } from './requestText.ts';
import { parseSafeJson } from '../../../schema/safeJson.ts';

export interface HttpTransportOptions extends AgencyAddress {
  readonly sealer: WarrantSealer;
  /** One call, connection and whole answer included. Default 3 s. */
  readonly timeoutMs?: number;
  /** Of one answer. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Connections kept open. Default 64. */
  readonly connections?: number;
  /** Calls under way at once, those that wait for a connection among them. Default 2,000. */
  readonly maxCalls?: number;
  /** 0..1. Default `Math.random`: it only spreads what is repeated. */
  readonly random?: () => number;
}

/** Reaches an agency over HTTP/1.1 through one keep-alive pool, without pipelining: a desync would be another citizen's data. */
export function httpTransport(options: HttpTransportOptions): AgencyTransport {
  const { agency, url, sealer, timeoutMs = 3000, maxBytes = 4 * 1024 * 1024, maxCalls = 2000, random = Math.random } = options;
  const tls = connectionOptions(options);
  const pool = new Pool(url.origin, {
    connections: options.connections ?? 64,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 60_000,
    // The whole call has one time limit, below: an agency that sends a byte now and then would pass any of these.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs, ...tls },
  });
  const textOf = requestText();
  const { run, health } = agencyCalls({ agency, timeoutMs, maxCalls, random });

  function send<T>({ path, body, warrant, request, signal }: Sent, read: (status: number, answer: unknown) => Outcome<T>): Promise<T> {
    return run<T>(
      (settle) =>
        post({
          dispatcher: pool,
          path,
          body,
          maxBytes,
          headers: { 'content-type': 'application/json', accept: 'application/json', warrant: sealer(warrant), 'x-request-id': request },
          answered: (status, text) => settle(readText(text, (answer) => read(status, answer))),
          failed: (failed, cause) => settle({ failed, cause }),
        }),
      signal,
    );
  }

  return {
    agency,
    health,
    call: ({ query, variables, warrant, request, signal }) =>
      send<AgencyAnswer>({ path: '/graphql', body: `{${textOf(query, variables)}}`, warrant, request, signal }, (status, answer) => {
        const read = status === 200 ? readAgencyAnswer(agency, answer) : null;
        return read === null ? refusal(status, answer) : { answer: read };
      }),
    check: ({ predicate, arguments: args, warrant, request, signal }) =>
      send<boolean>(
        { path: '/check', body: JSON.stringify({ predicate, arguments: args }), warrant, request, signal },
        (status, answer) => {
          const said = typeof answer === 'object' && answer !== null && 'answer' in answer ? answer.answer : undefined;
          return status === 200 && typeof said === 'boolean' ? { answer: said } : refusal(status, answer);
        },
      ),
    close: () => pool.destroy(),
  };
}

interface Sent {
  readonly path: string;
  readonly body: string;
  readonly warrant: WarrantClaims;
  readonly request: string;
  readonly signal: AbortSignal | undefined;
}

function readText<T>(text: string, read: (answer: unknown) => Outcome<T>): Outcome<T> {
  try {
    return read(parseSafeJson(text));
  } catch (cause) {
    return { failed: 'the answer is not JSON', cause };
  }
}

function refusal(status: number, answer: unknown): Outcome<never> {
  const code = status >= 400 && status < 500 ? refusalCode(answer) : null;
  return code === null ? { failed: `HTTP ${status}` } : { refused: code };
}
