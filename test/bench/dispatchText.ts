import type { Dispatcher } from 'undici';

/** What came back. */
export type Received = (status: number, text: string) => void;

/** One POST through undici, its cheapest way; the headers are names and values in turn. */
export function dispatchText(
  dispatcher: Dispatcher,
  headers: string[],
  body: string,
  received: Received,
  failed: (error: Error) => void,
): void {
  let status = 0;
  let only: Buffer | null = null;
  let chunks: Buffer[] | null = null;
  dispatcher.dispatch(
    { path: '/graphql', method: 'POST', headers, body },
    {
      onRequestStart() {},
      onResponseStart(_controller, code) {
        status = code;
      },
      onResponseData(_controller, chunk) {
        if (only === null) only = chunk;
        else (chunks ??= [only]).push(chunk);
      },
      onResponseEnd() {
        received(status, (chunks === null ? (only ?? Buffer.alloc(0)) : Buffer.concat(chunks)).toString());
      },
      onResponseError(_controller, error) {
        failed(error);
      },
    },
  );
}
