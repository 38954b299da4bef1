import type { AgencyTransport } from '../../../schema/agencyTransport.ts';
import { httpTransport, type HttpTransportOptions } from './http.ts';
import { webSocketTransport } from './webSocket.ts';

/** The way to an agency that its URL's scheme chooses: GraphQL over WebSocket for `wss:` and `ws:`, else HTTP. */
export function transportTo(options: HttpTransportOptions): AgencyTransport {
  return /^wss?:$/.test(options.url.protocol) ? webSocketTransport(options) : httpTransport(options);
}
