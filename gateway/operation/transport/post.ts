import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** One POST. `path` below the dispatcher's origin. */
export interface Post {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of the answer's body. */
  readonly maxBytes: number;
  readonly answered: (status: number, text: string) => void;
  /** What went wrong: the connection, the size or the form of the answer. */
  readonly failed: (reason: string, cause?: unknown) => void;
}

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/graphql-response+json']);

/**
 * Sends one POST and reads the answer as text, JSON by its content type and not encoded otherwise. `dispatch` costs three quarters of `request`
 * (docs/facts.md). Sent once: undici repeats only a request of which no byte was written when its connection died. Gives back how to give it up.
 */
export function post({ dispatcher, path, headers, body, maxBytes, answered, failed }: Post): () => void {
  let controller: Dispatcher.DispatchController | undefined;
  let status = 0;
  let size = 0;
  let first: Buffer | undefined;
  const more: Buffer[] = [];
  let over = false;

  const stop = (reason: string): void => {
    over = true;
    controller?.abort(new Error(reason));
  };
  const refuse = (reason: string): void => {
    stop(reason);
    failed(reason);
  };

  dispatcher.dispatch(
    { path, method: 'POST', headers: headers as Record<string, string>, body },
    {
      onRequestStart: (started) => {
        controller = started;
        // Given up while it waited for a connection: it must not be sent any more.
        if (over) started.abort(new Error('given up'));
      },
      onResponseStart: (_controller, code, answerHeaders) => {
        // Only news of the answer: 103 Early Hints, say.
        if (code < 200) return;
        status = code;
        const reason = unreadable(answerHeaders, maxBytes);
        if (reason !== null) refuse(reason);
      },
      onResponseData: (_controller, chunk) => {
        if (over) return;
        size += chunk.length;
        if (size > maxBytes) refuse('the answer is too large');
        else if (first === undefined) first = chunk;
        else more.push(chunk);
      },
      onResponseEnd: () => {
        if (!over)
          answered(status, more.length === 0 ? (first?.toString() ?? '') : Buffer.concat([first as Buffer, ...more], size).toString());
      },
      onResponseError: (_controller, error) => {
        if (!over) failed(reasonOf(error), error);
      },
    },
  );
  return () => stop('given up');
}

/** Why an answer with such headers is not read. */
function unreadable(headers: IncomingHttpHeaders, maxBytes: number): string | null {
  const [type = ''] = headers['content-type']?.split(';', 1) ?? [];
  if (!JSON_TYPES.has(type.trim().toLowerCase())) return 'the answer is not JSON';
  if (headers['content-encoding'] !== undefined) return 'the answer is encoded';
  return Number(headers['content-length'] ?? 0) > maxBytes ? 'the answer is too large' : null;
}

/** A connection error's code or our own word; a library's message may quote an address. */
function reasonOf(cause: Error): string {
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : 'the connection failed';
}
