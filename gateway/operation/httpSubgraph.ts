import { Pool } from 'undici';
import { HubError } from '../../schema/errors.ts';
import type { FetchAnswer } from './planExecutor.ts';
import { deadlines } from './transport/deadlines.ts';
import { post } from './transport/post.ts';
import { parseSafeJson } from '../../schema/safeJson.ts';

/** A plain federation subgraph over HTTP: no warrant, no limits on what it may say. For the conformance door alone. */
export interface HttpSubgraph {
  readonly call: (query: string, variables: Record<string, unknown>) => Promise<FetchAnswer>;
  readonly close: () => Promise<void>;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Throws CONFIGURATION when the supergraph names no http address for it. */
export function httpSubgraph(name: string, url: string): HttpSubgraph {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !/^https?:$/.test(target.protocol)) throw new HubError('CONFIGURATION', `Subgraph "${name}" has no http URL.`);
  const dispatcher = new Pool(target.origin, { connections: 64, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  const path = `${target.pathname}${target.search}`;
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const { add, remove } = deadlines(TIMEOUT_MS);
  return {
    call: (query, variables) =>
      new Promise((resolve, reject) => {
        const failed = (reason: string, cause?: unknown): void => {
          remove(deadline);
          reject(new HubError('SOURCE_UNAVAILABLE', `Subgraph "${name}": ${reason}.`, { cause }));
        };
        const answered = (status: number, text: string): void => {
          remove(deadline);
          resolve(readAnswer(name, status, text));
        };
        const deadline = add(() => {
          giveUp();
          failed('timed out');
        });
        const body = JSON.stringify({ query, variables });
        const giveUp = post({ dispatcher, path, headers, body, maxBytes: MAX_BYTES, answered, failed });
      }),
    close: () => dispatcher.destroy(),
  };
}

async function readAnswer(name: string, status: number, text: string): Promise<FetchAnswer> {
  let answer: unknown;
  try {
    answer = parseSafeJson(text);
  } catch (cause) {
    throw new HubError('SOURCE_UNAVAILABLE', `Subgraph "${name}" answered ${status} with no JSON.`, { cause });
  }
  if (typeof answer !== 'object' || answer === null || !('data' in answer || 'errors' in answer)) {
    throw new HubError('SOURCE_UNAVAILABLE', `Subgraph "${name}" answered ${status} with no GraphQL.`);
  }
  return answer as FetchAnswer;
}
