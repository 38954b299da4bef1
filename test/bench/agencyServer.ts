import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** What an agency says to one operation; `warrant` is null where none came. Throws, or rejects, where it refuses. */
export type Answering = (query: string, variables: Readonly<Record<string, unknown>>, warrant: string | null) => string | Promise<string>;

interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: { readonly warrant?: string };
}

/**
 * GraphQL over HTTP and over WebSocket (graphql-transport-ws) on one port of the loopback, as bare as Node allows. Gives back its origin. While
 * `trickles`, an HTTP answer goes out a few bytes at a time.
 */
export async function serveBare(answer: Answering, trickles: () => boolean = () => false): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { query, variables = {} } = JSON.parse(Buffer.concat(chunks).toString()) as Operation;
      const say = (status: number, text: string): void => {
        const body = Buffer.from(text);
        response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
        if (trickles()) trickle(response, body);
        else response.end(body);
      };
      attempt(
        () => answer(query, variables, warrantOf(request)),
        (text) => say(200, text),
        () => say(401, '{"errors":[{"message":"Refused."}]}'),
      );
    });
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (open) => converse(open, socket as Socket, answer)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const DROP_BYTES = 4;
const DROP_MS = 250;

function trickle(response: ServerResponse, body: Buffer): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, (sent += DROP_BYTES)));
    if (sent >= body.length) response.end();
  }, DROP_MS);
  response.once('close', () => clearInterval(timer));
}

function warrantOf({ headers: { warrant } }: IncomingMessage): string | null {
  return typeof warrant === 'string' ? warrant : null;
}

/** At once where the answer is there already. */
function attempt(make: () => string | Promise<string>, answered: (text: string) => void, refused: () => void): void {
  try {
    const text = make();
    if (typeof text === 'string') answered(text);
    else text.then(answered, refused);
  } catch {
    refused();
  }
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: Operation;
}

/** What is written in one turn goes out together. */
function converse(open: WebSocket, socket: Socket, answer: Answering): void {
  let corked = false;
  const send = (text: string): void => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    open.send(text);
  };
  open.on('error', () => open.terminate());
  open.on('message', (data) => {
    const { id, type, payload } = JSON.parse((data as Buffer).toString()) as Message;
    if (type === 'connection_init') return send('{"type":"connection_ack"}');
    if (type === 'ping') return send('{"type":"pong"}');
    if (type !== 'subscribe' || payload === undefined) return undefined;
    const { query, variables = {}, extensions } = payload;
    const name = JSON.stringify(id);
    attempt(
      () => answer(query, variables, extensions?.warrant ?? null),
      (text) => {
        send(`{"id":${name},"type":"next","payload":${text}}`);
        send(`{"id":${name},"type":"complete"}`);
      },
      () => send(`{"id":${name},"type":"error","payload":[{"message":"Refused."}]}`),
    );
  });
}
