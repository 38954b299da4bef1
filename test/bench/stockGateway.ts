import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify from 'fastify';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { SUBJECT_HEADER, unguardedHubSchema } from './unguardedHub.ts';

interface Context {
  readonly subject: string;
}

/**
 * The stock gateway as Apollo documents it: ApolloServer over ApolloGateway, a RemoteGraphQLDataSource for each agency with its own fetcher.
 * In its favour: fastify in front, as ours has (Express costs more), and the hub's own subgraph in process (LocalGraphQLDataSource).
 */
export async function stockGateway({ addresses }: WiringInput): Promise<Wiring> {
  const hub = unguardedHubSchema((context) => (context as Context).subject);
  const gateway = new ApolloGateway({
    supergraphSdl: readFileSync(join(import.meta.dirname, '../../schema/supergraph.graphql'), 'utf8'),
    buildService: ({ name }) =>
      name === 'hub' ? new LocalGraphQLDataSource(hub) : new RemoteGraphQLDataSource({ url: `${addresses.unguarded[name]}/graphql` }),
  });
  const apollo = new ApolloServer<Context>({ gateway, stopOnTerminationSignals: false });
  await apollo.start();
  const app = fastify();
  app.post('/graphql', fastifyApolloHandler(apollo, { context: async ({ headers }) => ({ subject: String(headers[SUBJECT_HEADER]) }) }));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: Number(new URL(address).port),
    calls: () => null,
    async close() {
      await app.close();
      await apollo.stop();
      return null;
    },
  };
}
