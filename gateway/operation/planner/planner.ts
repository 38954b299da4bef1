import type { QueryPlan } from '@apollo/query-planner';
import { HubError, type ErrorCode } from '../../../schema/errors.ts';

/** What is wrong with a document, as plain data: GraphQL's request errors. */
export interface Misfit {
  readonly message: string;
  /** Offsets in the text. */
  readonly positions: readonly number[];
}

/** Where the two dear things in a document's life are done. Both throw OPERATION_TOO_LARGE when they are out of time or memory. */
export interface Desk {
  /** What does not fit the public schema, in a text that parses; nothing: the document is valid. */
  validate(text: string): Promise<readonly Misfit[]>;
  /** The plan of a valid document, as Apollo's planner makes it; as plain data. */
  plan(text: string, operationName: string | null): Promise<QueryPlan>;
}

export interface Planner {
  /**
   * A turn at the desk: one after the other, clients in turn, so that what one client's new documents cost, in any thread, is never more than one
   * document's time for another. Throws TOO_MANY_REQUESTS (the client has enough waiting here) or UNAVAILABLE (everybody has) before any work.
   */
  turn<T>(client: string, work: (desk: Desk) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One piece of work, as it crosses threads. */
export type Job =
  | { readonly kind: 'VALIDATE'; readonly text: string }
  | { readonly kind: 'PLAN'; readonly text: string; readonly operationName: string | null };

/** What came of it. */
export type Done =
  | { readonly kind: 'MISFITS'; readonly misfits: readonly Misfit[] }
  | { readonly kind: 'PLAN'; readonly plan: QueryPlan }
  | { readonly kind: 'FAILED'; readonly code: ErrorCode; readonly detail: string };

/** The desk of somebody who does jobs. */
export function deskOf(doJob: (job: Job) => Promise<Done>): Desk {
  return {
    async validate(text) {
      const done = await doJob({ kind: 'VALIDATE', text });
      return done.kind === 'MISFITS' ? done.misfits : failed(done);
    },
    async plan(text, operationName) {
      const done = await doJob({ kind: 'PLAN', text, operationName });
      return done.kind === 'PLAN' ? done.plan : failed(done);
    },
  };
}

function failed(done: Done): never {
  if (done.kind !== 'FAILED') throw new TypeError('A planner answered something else.');
  throw new HubError(done.code, done.detail === '' ? undefined : done.detail);
}
