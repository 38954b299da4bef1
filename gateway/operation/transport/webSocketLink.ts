import { Agent } from 'node:https';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType } from 'graphql-ws';
import { WebSocket } from 'ws';
import { corkOncePerTick } from '../../../schema/corkOncePerTick.ts';
import type { AgencyConnection } from './agencyAddress.ts';
import { backoffMs } from './backoff.ts';
import { readServerMessage, type OperationMessage, type ServerMessage } from './serverMessage.ts';

/** What became of one call. */
export type LinkOutcome =
  | { readonly payload: unknown }
  /** Refused by the agency, with GraphQL errors. */
  | { readonly errors: unknown }
  /** The connection was lost, or the agency broke the protocol. */
  | { readonly lost: string };

export interface LinkOptions {
  /** `ws:` or `wss:`, path included. */
  readonly url: URL;
  readonly tls: AgencyConnection | null;
  /** Until the agency has acknowledged a new connection. */
  readonly timeoutMs: number;
  /** Of one message from the agency. */
  readonly maxBytes: number;
  /** Of messages to the agency that wait to be written. */
  readonly maxWaitingBytes: number;
  /** Between two looks at whether the other side lives. */
  readonly heartbeatMs: number;
  /** 0..1. */
  readonly random: () => number;
}

/** One connection to an agency that carries many calls at once, made anew whenever it is lost. */
export interface Link {
  /** Sends an operation (its payload as JSON text). Gives back its id, or says why it cannot: nothing was sent then. */
  readonly send: (payload: string, settle: (outcome: LinkOutcome) => void) => { readonly id: number } | { readonly refused: string };
  /** Forgets a call and tells the agency to stop. */
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

interface Call {
  readonly settle: (outcome: LinkOutcome) => void;
  /** The answer has come; the end of the operation has not. */
  answer: { readonly payload: unknown } | null;
}

/** Messages between two heartbeats that belong to no call: answers to calls given up, pings. An agency that sends more is cut off. */
const MAX_STRAY = 10_000;
const GOODBYE_MS = 1000;

type State =
  | { readonly is: 'CONNECTING'; readonly socket: WebSocket }
  | { readonly is: 'OPEN'; readonly socket: WebSocket; readonly write: Write }
  | { readonly is: 'WAITING' }
  | { readonly is: 'CLOSED' };

type Write = (text: string) => void;

/**
 * Speaks graphql-transport-ws with one agency. Calls go out over one connection, their writes corked once per tick, and answers are matched by
 * id. A message that the protocol does not allow, an answer to something never asked and a second answer end the connection: then its calls
 * fail, and nobody else's. It comes back after a while that doubles with each failure, half of it by chance; until then calls are refused at once.
 */
export function webSocketLink(options: LinkOptions): Link {
  const { random } = options;
  const calls = new Map<number, Call>();
  let state: State = { is: 'WAITING' };
  let early: string[] = [];
  let lastId = 0;
  let failures = 0;
  let heard = true;
  let strays = 0;
  let retry: NodeJS.Timeout | undefined;
  let impatience: NodeJS.Timeout | undefined;

  function connect(): void {
    const socket = new WebSocket(options.url, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
      ...(options.tls && { agent: new Agent(options.tls) }),
      handshakeTimeout: options.timeoutMs,
      maxPayload: options.maxBytes,
      perMessageDeflate: false,
    });
    let write: Write = (text) => socket.send(text);
    state = { is: 'CONNECTING', socket };
    impatience = setTimeout(() => lose(socket), options.timeoutMs).unref();
    socket.once('upgrade', (response) => {
      const cork = corkOncePerTick(response.socket);
      write = (text) => {
        cork();
        socket.send(text);
      };
    });
    socket.once('open', () => write(JSON.stringify({ type: MessageType.ConnectionInit })));
    socket.on('message', (data, isBinary) => {
      heard = true;
      const message = isBinary ? null : readServerMessage((data as Buffer).toString());
      if (message === null || !receive(message, socket, write)) lose(socket);
    });
    socket.on('pong', () => (heard = true));
    // Without a listener an error would end the process. `close` follows it.
    socket.on('error', () => undefined);
    socket.once('close', () => lose(socket));
  }

  /** False: the protocol does not allow this message here. */
  function receive(message: ServerMessage, socket: WebSocket, write: Write): boolean {
    switch (message.type) {
      case MessageType.ConnectionAck:
        if (state.is !== 'CONNECTING') return false;
        clearTimeout(impatience);
        state = { is: 'OPEN', socket, write };
        for (const text of early.splice(0)) write(text);
        return true;
      case MessageType.Ping:
        write(JSON.stringify({ type: MessageType.Pong }));
        return isBearable();
      case MessageType.Pong:
        return isBearable();
      default:
        return state.is === 'OPEN' && message.id <= lastId && take(message);
    }
  }

  function take(message: OperationMessage): boolean {
    const call = calls.get(message.id);
    if (call === undefined) return isBearable();
    if (message.type === MessageType.Next) {
      // Only a subscription answers twice, and an agency has none.
      if (call.answer !== null) return false;
      call.answer = message;
      return true;
    }
    calls.delete(message.id);
    failures = 0;
    if (message.type === MessageType.Error) call.settle({ errors: message.payload });
    else call.settle(call.answer ?? { lost: 'no answer' });
    return true;
  }

  function isBearable(): boolean {
    strays += 1;
    return strays <= MAX_STRAY;
  }

  /** Ends a connection, if it is still the one in use. */
  function lose(socket: WebSocket): void {
    if (!('socket' in state) || state.socket !== socket) return;
    failures += 1;
    retry = setTimeout(connect, backoffMs(failures, random)).unref();
    leave(socket, { is: 'WAITING' });
  }

  function leave(socket: WebSocket, next: State): void {
    clearTimeout(impatience);
    state = next;
    early = [];
    socket.removeAllListeners('message');
    // Nothing more is read from an agency that breaks the protocol; one that is told good-bye need not answer.
    if (next.is !== 'CLOSED') socket.terminate();
    else {
      socket.close(1000);
      setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
    }
    const failed = [...calls.values()];
    calls.clear();
    for (const { settle } of failed) settle({ lost: 'the connection was lost' });
  }

  const heartbeat = setInterval(() => {
    strays = 0;
    if (state.is !== 'OPEN') return;
    if (!heard) return lose(state.socket);
    heard = false;
    state.socket.ping();
  }, options.heartbeatMs).unref();

  connect();

  return {
    send(payload, settle) {
      if (!('socket' in state)) return { refused: 'not connected' };
      if (state.socket.bufferedAmount > options.maxWaitingBytes) return { refused: 'it does not take what is sent' };
      lastId += 1;
      const text = `{"id":"${lastId}","type":"subscribe","payload":${payload}}`;
      calls.set(lastId, { settle, answer: null });
      if (state.is === 'OPEN') state.write(text);
      else early.push(text);
      return { id: lastId };
    },
    cancel(id) {
      if (calls.delete(id) && state.is === 'OPEN') state.write(JSON.stringify({ id: String(id), type: MessageType.Complete }));
    },
    close() {
      clearInterval(heartbeat);
      clearTimeout(retry);
      if ('socket' in state) leave(state.socket, { is: 'CLOSED' });
      else state = { is: 'CLOSED' };
    },
  };
}
