import { GraphQLError } from 'graphql';
import { ERRORS, HubError } from '../../schema/errors.ts';
import { InvalidDocument } from './compiledOperation.ts';

/** What a request is answered with, before any HTTP. */
export interface Answer {
  /** Absent: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent, not null, when nothing ran. */
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An error that ends a request, as its answer. What is not in the table is INTERNAL and says nothing; `failure` hears the rest. */
export function failed(error: unknown, request: string, failure: (cause: unknown) => void): Answer {
  if (error instanceof InvalidDocument) return { status: 400, errors: error.errors.map(invalid) };
  if (!(error instanceof HubError)) failure(error);
  const { code, status, audience, message } =
    error instanceof HubError ? Object.assign(error, { audience: ERRORS[error.code].audience }) : INTERNAL;
  // An operator's detail is for the log alone.
  if (error instanceof HubError && audience === 'operator') failure(error);
  const sentence = audience === 'operator' ? ERRORS[code].en : message;
  const extensions = { code, ...(status >= 500 ? { request } : {}) };
  return { status: status === 200 ? 400 : status, ...challenge(code), errors: [new GraphQLError(sentence, { extensions })] };
}

const INTERNAL = { code: 'INTERNAL', ...ERRORS.INTERNAL, message: ERRORS.INTERNAL.en } as const;

function invalid(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, {
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    source: error.source,
    positions: error.positions,
    extensions: { code: 'OPERATION_INVALID' },
  });
}

/** RFC 9449 §7.1: what a client without a good token, or without a good proof, is told. */
function challenge(code: string): { headers?: Record<string, string> } {
  if (!code.startsWith('TOKEN_') && !code.startsWith('PROOF_')) return {};
  const error = code === 'TOKEN_MISSING' ? '' : ` error="${code.startsWith('PROOF_') ? 'invalid_dpop_proof' : 'invalid_token'}",`;
  return { headers: { 'www-authenticate': `DPoP${error} algs="ES256"` } };
}
