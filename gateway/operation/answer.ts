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
  /** The JSON text of `data`, where it is written already. */
  readonly text?: string;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The answer of an operation that ran: `data` is read from its text by whoever wants an object. */
export class WrittenAnswer implements Answer {
  readonly text: string;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;

  constructor(text: string, errors: readonly GraphQLError[], extensions: Readonly<Record<string, unknown>> | null) {
    this.text = text;
    if (errors.length > 0) this.errors = errors;
    if (extensions !== null) this.extensions = extensions;
  }

  get data(): Record<string, unknown> | null {
    return JSON.parse(this.text) as Record<string, unknown> | null;
  }
}

/**
 * An error that ends a request, as its answer. What is not the client's fault is told in the table's words alone, with the request id;
 * `failure` hears the rest. What is not in the table is INTERNAL.
 */
export function failed(error: unknown, request: string, failure: (cause: unknown) => void): Answer {
  if (error instanceof InvalidDocument) return { status: 400, errors: error.errors.map(invalid) };
  const { code, message } = error instanceof HubError ? error : new HubError('INTERNAL');
  const { status, audience, en } = ERRORS[code];
  const ours = status >= 500 || audience === 'operator';
  if (ours) failure(error);
  const extensions = { code, ...(ours ? { request } : {}) };
  return { status: status === 200 ? 400 : status, ...challenge(code), errors: [new GraphQLError(ours ? en : message, { extensions })] };
}

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
