import type { Dispatcher } from 'undici';

/** One POST. `path` below the dispatcher's origin. */
export interface Post {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The whole call, connection included. */
  readonly timeoutMs: number;
  /** Of the answer's body. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface Posted {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends one POST and reads the answer as text. `dispatch` costs three quarters of `request` (docs/facts.md). Never retried: the warrant is
 * used up. Rejects with what went wrong: connection, time, size, or the caller's abort.
 */
export function post({ dispatcher, path, headers, body, timeoutMs, maxBytes, signal }: Post): Promise<Posted> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let size = 0;
    let over = false;
    const chunks: Buffer[] = [];
    const end = (): void => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
    const stop = (reason: Error): void => {
      end();
      controller?.abort(reason);
      reject(reason);
    };
    const timer = setTimeout(() => stop(new Error('timed out')), timeoutMs);
    const aborted = (): void => stop(new Error('aborted'));
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });
    dispatcher.dispatch(
      { path, method: 'POST', headers: { ...headers }, body },
      {
        onRequestStart: (started) => {
          // Given up while it was connecting: it must not be sent any more.
          if (over) started.abort(new Error('given up'));
          else controller = started;
        },
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (_controller, chunk) => {
          size += chunk.length;
          if (size > maxBytes) stop(new Error('answer too large'));
          else chunks.push(chunk);
        },
        onResponseEnd: () => {
          end();
          resolve({ status, text: Buffer.concat(chunks, size).toString('utf8') });
        },
        onResponseError: (_controller, error) => {
          end();
          reject(error);
        },
      },
    );
  });
}
