import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { serverAudits } from 'graphql-http';
import { createDoor, type Door } from '../../gateway/operation/door.ts';
import { composeSupergraph } from '../../schema/compose.ts';

/** The audits ask for `__typename` and the schema alone: no subgraph is called. */
const { supergraphSdl } = composeSupergraph([{ name: 'plain', sdl: 'type Query { hello: String }' }]);

let app: FastifyInstance;
let door: Door;
let url: string;
beforeAll(async () => {
  const plain = supergraphSdl.replace('agency:plain', 'http://127.0.0.1:1/');
  door = await createDoor({ supergraphSdl: plain, introspection: true, limited: true, requestId: () => 'request', failure: () => {} });
  app = fastify({ forceCloseConnections: true });
  await app.register(door.routes);
  url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`;
});
afterAll(async () => {
  await app.close();
  await door.stop();
});

const audits = serverAudits({ url: () => url });
const named = (requirement: string) => audits.filter(({ name }) => name.startsWith(`${requirement} `));

describe('the door, by the audits of GraphQL over HTTP', () => {
  it('has as many to pass as graphql-http 1.22.4 has', () => {
    expect([named('MUST').length, named('SHOULD').length]).toEqual([13, 20]);
  });

  it.each([...named('MUST'), ...named('SHOULD')])('$name', async (audit) => {
    const result = await audit.fn();
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
  });
});
