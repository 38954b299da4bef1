import { checkServerIdentity } from 'node:tls';
import { Pool } from 'undici';
import type { AgencyTransport } from '../../../schema/agencyTransport.ts';
import { HubError } from '../../../schema/errors.ts';
import { isLoopback } from '../../../schema/loopback.ts';
import type { WarrantClaims } from '../../../schema/warrant.ts';
import type { WarrantSealer } from '../../../schema/warrantSealer.ts';
import { readAgencyAnswer, refusalCode } from './agencyAnswer.ts';
import { post } from './post.ts';
import { parseSafeJson } from './safeJson.ts';

/** Mutual TLS: PEM texts. */
export interface AgencyTls {
  /** The pinned CA of the agencies' certificates; no other is trusted. */
  readonly ca: string;
  /** The gateway's own certificate and key. */
  readonly cert: string;
  readonly key: string;
}

export interface HttpTransportOptions {
  readonly agency: string;
  /** Its origin: `https://moi.example:4443`, or `http://127.0.0.1:4101` in the demonstration. */
  readonly url: URL;
  readonly sealer: WarrantSealer;
  readonly tls?: AgencyTls;
  /** One call, connection included. Default 3 s. */
  readonly timeoutMs?: number;
  /** Of one answer. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Connections kept open. Default 64. */
  readonly connections?: number;
}

/**
 * Reaches an agency over HTTP/1.1 through one keep-alive pool, without pipelining: a desync would be another citizen's data. Outside the
 * loopback it must be https with mutual TLS, the agency's id in its certificate (a DNS name equal to it), else CONFIGURATION is thrown.
 */
export function httpTransport(options: HttpTransportOptions): AgencyTransport {
  const { agency, sealer, timeoutMs = 3000, maxBytes = 4 * 1024 * 1024 } = options;
  const pool = connect(options);

  async function send(path: string, body: string, warrant: WarrantClaims, request: string, signal?: AbortSignal) {
    const headers = { 'content-type': 'application/json', accept: 'application/json', warrant: sealer(warrant), 'x-request-id': request };
    try {
      const { status, text } = await post({ dispatcher: pool, path, headers, body, timeoutMs, maxBytes, ...(signal && { signal }) });
      return { status, answer: parseSafeJson(text) };
    } catch (cause) {
      throw new HubError('SOURCE_UNAVAILABLE', `${agency}: ${cause instanceof SyntaxError ? 'the answer is not JSON' : reasonOf(cause)}.`, {
        cause,
      });
    }
  }

  function refuse(status: number, answer: unknown): never {
    const code = status >= 400 && status < 500 ? refusalCode(answer) : null;
    throw new HubError(code ?? 'SOURCE_UNAVAILABLE', code === null ? `${agency}: HTTP ${status}.` : `${agency}.`);
  }

  return {
    agency,
    async call({ query, variables, warrant, request, signal }) {
      const { status, answer } = await send('/graphql', JSON.stringify({ query, variables }), warrant, request, signal);
      const read = status === 200 ? readAgencyAnswer(agency, answer) : null;
      return read ?? refuse(status, answer);
    },
    async check({ predicate, arguments: args, warrant, request, signal }) {
      const { status, answer } = await send('/check', JSON.stringify({ predicate, arguments: args }), warrant, request, signal);
      const said = typeof answer === 'object' && answer !== null && 'answer' in answer ? answer.answer : undefined;
      return status === 200 && typeof said === 'boolean' ? said : refuse(status, answer);
    },
    close: () => pool.destroy(),
  };
}

function connect({ agency, url, tls, connections = 64 }: HttpTransportOptions): Pool {
  if (url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new HubError('CONFIGURATION', `The URL of agency "${agency}" must be an origin alone.`);
  const keepAlive = { connections, pipelining: 1, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 60_000 };
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return new Pool(url.origin, keepAlive);
  if (url.protocol !== 'https:' || tls === undefined) {
    throw new HubError('CONFIGURATION', `Agency "${agency}" is outside the loopback: it needs https with mutual TLS (docs/agency.md).`);
  }
  const connectOptions = {
    ...tls,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3' as const,
    checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(agency, certificate),
  };
  return new Pool(url.origin, { ...keepAlive, connect: connectOptions });
}

/** A connection error's code or our own word; a library's message may quote an address. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
