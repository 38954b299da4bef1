import { createServer } from 'node:http';
import { benchCitizen, benchRecords } from './citizens.ts';
import type { Wiring } from './gatewayWiring.ts';
import { WARM } from './people.ts';
import { expectedData, QUESTION } from './question.ts';
import { SUBJECT_HEADER } from './unguardedHub.ts';

/** The floor under every row: Node's own HTTP server writing bytes that are ready, whatever the question. */
export async function floorServer(): Promise<Wiring> {
  const ready = new Map(
    Array.from({ length: WARM.count }, (_, index) => {
      const number = WARM.from + index;
      const text = JSON.stringify({ data: expectedData(QUESTION, benchRecords(number)) });
      return [benchCitizen(number).subject, Buffer.from(text)];
    }),
  );
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const body = ready.get(String(request.headers[SUBJECT_HEADER])) ?? Buffer.alloc(0);
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    calls: () => 0,
    async close() {
      server.closeAllConnections();
      return null;
    },
  };
}
