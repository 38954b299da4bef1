import type { AgencyAnswer, AgencyTransport } from '../../../schema/agencyTransport.ts';
import { connectionOptions } from './agencyAddress.ts';
import { readAgencyAnswer, refusalCode } from './agencyAnswer.ts';
import { agencyCalls, type Outcome } from './agencyCalls.ts';
import { httpTransport, type HttpTransportOptions } from './http.ts';
import { requestText } from './requestText.ts';
import { webSocketLink, type LinkOutcome } from './webSocketLink.ts';

export interface WebSocketTransportOptions extends HttpTransportOptions {
  /** Bytes for the agency that wait to be written; beyond, calls are refused. Default 1 MiB. */
  readonly maxWaitingBytes?: number;
  /** Between two looks at whether the agency lives. Default 5 s. */
  readonly heartbeatMs?: number;
}

/**
 * Reaches an agency by GraphQL over WebSocket (graphql-transport-ws): one connection that carries all operations, at the path `/graphql` of
 * `url` (`wss:`, or `ws:` on the loopback). The warrant and the request id are in a message's `payload.extensions`. Yes/no checks are no
 * GraphQL, and rare: they go over HTTP to the same port.
 */
export function webSocketTransport(options: WebSocketTransportOptions): AgencyTransport {
  const { agency, url, sealer, timeoutMs = 3000, maxBytes = 4 * 1024 * 1024, maxCalls = 2000, random = Math.random } = options;
  const link = webSocketLink({
    url: new URL('/graphql', url),
    tls: connectionOptions(options),
    timeoutMs,
    maxBytes,
    maxWaitingBytes: options.maxWaitingBytes ?? 1024 * 1024,
    heartbeatMs: options.heartbeatMs ?? 5000,
    random,
  });
  const checks = httpTransport({ ...options, url: new URL(url.href.replace(/^ws/, 'http')), connections: options.connections ?? 4 });
  const textOf = requestText();
  const { run, health } = agencyCalls({ agency, timeoutMs, maxCalls, random });

  return {
    agency,
    health,
    call: ({ query, variables, warrant, request, signal }) =>
      run<AgencyAnswer>((settle) => {
        // A sealed warrant is base64url and dots: it needs no escapes.
        const extensions = `{"warrant":"${sealer(warrant)}","request":${JSON.stringify(request)}}`;
        const payload = `{${textOf(query, variables)},"extensions":${extensions}}`;
        const sent = link.send(payload, (outcome) => settle(readOutcome(agency, outcome)));
        if ('id' in sent) return () => link.cancel(sent.id);
        settle({ dropped: sent.refused });
        return () => undefined;
      }, signal),
    check: (request) => checks.check(request),
    async close() {
      link.close();
      await checks.close();
    },
  };
}

function readOutcome(agency: string, outcome: LinkOutcome): Outcome<AgencyAnswer> {
  if ('payload' in outcome) {
    const answer = readAgencyAnswer(agency, outcome.payload);
    return answer === null ? { failed: 'the answer is no GraphQL' } : { answer };
  }
  if ('lost' in outcome) return { failed: outcome.lost };
  const code = refusalCode(outcome);
  return code === null ? { failed: 'it refused without a reason' } : { refused: code };
}
