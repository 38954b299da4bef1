import { MessageType } from 'graphql-ws';
import { hasPrototype } from '../../../schema/safeJson.ts';

/** A message about one call. Ids are ours: positive whole numbers, written as text. */
export type OperationMessage =
  | { readonly type: MessageType.Next | MessageType.Error; readonly id: number; readonly payload: unknown }
  | { readonly type: MessageType.Complete; readonly id: number };

/** What an agency may say in graphql-transport-ws. */
export type ServerMessage = OperationMessage | { readonly type: MessageType.ConnectionAck | MessageType.Ping | MessageType.Pong };

/**
 * Reads one message; null where the protocol knows none such. A payload with a member `__proto__` is left out: it costs its own call, and not
 * all the others on the connection. The library's `parseMessage` reads both directions, with more checks than one needs.
 */
export function readServerMessage(text: string): ServerMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof message !== 'object' || message === null) return null;
  const { type, id, payload } = message as Record<string, unknown>;
  switch (type) {
    case MessageType.ConnectionAck:
    case MessageType.Ping:
    case MessageType.Pong:
      return { type };
    case MessageType.Next:
    case MessageType.Error:
    case MessageType.Complete: {
      const number = typeof id === 'string' && /^[1-9]\d{0,14}$/.test(id) ? Number(id) : 0;
      if (number === 0) return null;
      return type === MessageType.Complete ? { type, id: number } : { type, id: number, payload: hasPrototype(text) ? null : payload };
    }
    default:
      return null;
  }
}
