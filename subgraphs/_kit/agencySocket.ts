import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { parse, type ExecutionResult, type FormattedExecutionResult } from 'graphql';
import { handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { corkOncePerTick } from '../../schema/corkOncePerTick.ts';
import { HubError, type ErrorCode } from '../../schema/errors.ts';
import { hasPrototype } from '../../schema/safeJson.ts';
import { WARRANT_MAX_BYTES } from '../../schema/warrantSealer.ts';
import type { WarrantOpener } from '../../schema/warrantOpener.ts';
import { refusal } from './agencySchema.ts';
import type { Agency } from './createAgency.ts';
import { BODY_BYTES, readQuery, readRequestId } from './presented.ts';

export interface AgencySocketOptions {
  /** Already with TLS, where there is any. */
  readonly server: Server;
  readonly agency: Agency;
  readonly opener: WarrantOpener;
  /** Told of each refusal. */
  readonly refused: (code: ErrorCode, request: string) => void;
}

/** Connections of gateways: a few for each of their processes. */
const MAX_CONNECTIONS = 256;
/** Operations of one connection at once. The gateway keeps to half. */
const MAX_UNDER_WAY = 4000;
/** Answers that one connection has not taken yet. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const CLOSE_MS = 1000;
/** The library wants a document; it is not looked at. */
const NOTHING = parse('{__typename}');

type Data = Record<string, unknown>;

/** One connection of a gateway. */
interface Conversation {
  readonly socket: WebSocket;
  underWay: number;
}

/**
 * Answers GraphQL over WebSocket (graphql-transport-ws) at `/graphql` of an agency's server: each operation under a warrant of its own in its
 * `extensions`, behind the same checks as over HTTP. Only queries, only what a warrant names; the protocol itself is the library's. Gives back
 * how to end: what is under way is answered, for a second at most.
 */
export function answerSockets({ server, agency, opener, refused }: AgencySocketOptions): () => Promise<void> {
  const conversations = new Set<Conversation>();
  let closing = false;

  async function answer(conversation: Conversation, payload: SubscribePayload): Promise<ExecutionResult> {
    const { extensions, ...body } = payload;
    const { warrant, request: _request, ...others } = extensions ?? {};
    if (typeof warrant !== 'string' || warrant === '') throw new HubError('WARRANT_MISSING');
    const opened = opener(warrant);
    if ('refused' in opened) throw new HubError(opened.refused);
    if (Object.keys(others).length > 0) throw new HubError('REQUEST_MALFORMED');
    if (closing || conversation.underWay > MAX_UNDER_WAY) throw new HubError('TOO_MANY_REQUESTS');
    const { query, variables } = readQuery(body);
    const admission = agency.admit(opened.claims, query, variables);
    if ('refused' in admission) throw new HubError(admission.refused);
    return (await agency.run(admission, variables)) as ExecutionResult;
  }

  const protocol = makeServer<undefined, Conversation>({
    /** The answer is made here, and `execute` hands it on: so a refusal is the protocol's `error`, whenever it shows. */
    async onSubscribe({ extra }, _id, payload) {
      extra.underWay += 1;
      try {
        return { schema: agency.schema, document: NOTHING, rootValue: await answer(extra, payload) };
      } catch (error) {
        const code = error instanceof HubError ? error.code : 'INTERNAL';
        refused(code, readRequestId(payload.extensions?.['request']));
        return [refusal(code)];
      } finally {
        extra.underWay -= 1;
        if (closing && extra.underWay === 0) setImmediate(() => extra.socket.close(1001));
      }
    },
    execute: ({ rootValue }) => rootValue as ExecutionResult,
    // Its errors are plain already; without this hook the library asks each for `toJSON`.
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult<Data, Data>,
  });

  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    perMessageDeflate: false,
    maxPayload: BODY_BYTES + WARRANT_MAX_BYTES,
  });

  function converse(socket: WebSocket, carrier: Duplex): void {
    const conversation: Conversation = { socket, underWay: 0 };
    const cork = corkOncePerTick(carrier);
    conversations.add(conversation);
    let receive: (text: string) => Promise<void> = () => Promise.resolve();
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send(text) {
          cork();
          socket.send(text);
          if (socket.bufferedAmount > MAX_WAITING_BYTES) socket.terminate();
        },
        close: (code, reason) => socket.close(code, reason),
        onMessage: (listener) => void (receive = listener),
      },
      conversation,
    );
    socket.on('message', (data, isBinary) => {
      const text = (data as Buffer).toString();
      if (isBinary || hasPrototype(text)) return socket.close(4400, 'Invalid message received');
      receive(text).catch(() => socket.close(4500));
    });
    socket.on('error', () => undefined);
    socket.once('close', (code, reason) => {
      conversations.delete(conversation);
      void closed(code, reason.toString());
    });
  }

  /** A browser names its origin; a gateway does not. */
  function refusedUpgrade({ url, headers }: IncomingMessage): string | null {
    if (url !== '/graphql') return '404 Not Found';
    if (headers.origin !== undefined) return '403 Forbidden';
    return closing || conversations.size >= MAX_CONNECTIONS ? '503 Service Unavailable' : null;
  }

  server.on('upgrade', (request: IncomingMessage, carrier: Duplex, head: Buffer) => {
    const status = refusedUpgrade(request);
    if (status === null) sockets.handleUpgrade(request, carrier, head, (socket) => converse(socket, carrier));
    else carrier.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });

  return async () => {
    closing = true;
    for (const { socket, underWay } of conversations) if (underWay === 0) socket.close(1001);
    const late = setTimeout(() => {
      for (const { socket } of conversations) socket.terminate();
    }, CLOSE_MS);
    await Promise.all([...conversations].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve))));
    clearTimeout(late);
  };
}
