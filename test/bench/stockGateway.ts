import { readFileSync } from 'node:fs';
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource, type GraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify from 'fastify';
import type { Agency } from '../../subgraphs/_kit/createAgency.ts';
import { claimsMadeUp, subjectAsked } from './agencyMemory.ts';
import { agenciesHere } from './agencyTransports.ts';
import { registerKeys } from './citizens.ts';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { COLD_FROM } from './people.ts';
import { SUPERGRAPH } from './seededStore.ts';
import { SUBJECT_HEADER, unguardedHubSchema } from './unguardedHub.ts';

interface Context {
  readonly subject: string;
}

/**
 * The stock gateway as Apollo documents it: ApolloServer over ApolloGateway, a RemoteGraphQLDataSource with its own fetcher for each agency, or a
 * LocalGraphQLDataSource over its schema. In its favour: fastify in front, as ours has (Express costs more), and the hub's own subgraph in process.
 */
export async function stockGateway({ way, addresses }: WiringInput): Promise<Wiring> {
  const hub = new LocalGraphQLDataSource(unguardedHubSchema((context) => (context as Context).subject));
  const here = way === 'inProcess' ? await agenciesHere() : null;
  const sources = new Map([...(here ?? [])].map(([id, agency]) => [id, localSource(agency)]));
  const gateway = new ApolloGateway({
    supergraphSdl: readFileSync(SUPERGRAPH, 'utf8'),
    buildService: ({ name }) => {
      if (name === 'hub') return hub;
      return sources.get(name) ?? new RemoteGraphQLDataSource({ url: `${addresses.unguarded[name]}/graphql` });
    },
  });
  const apollo = new ApolloServer<Context>({ gateway, stopOnTerminationSignals: false });
  await apollo.start();
  const app = fastify();
  app.post('/graphql', fastifyApolloHandler(apollo, { context: async ({ headers }) => ({ subject: String(headers[SUBJECT_HEADER]) }) }));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: Number(new URL(address).port),
    calls: () => 0,
    async close() {
      await app.close();
      await apollo.stop();
      return null;
    },
  };
}

/** The agency's schema in this process. Its own checks run as they do under ours: they are the agency's. */
function localSource(agency: Agency): GraphQLDataSource {
  const local = new LocalGraphQLDataSource(agency.schema);
  const claimsFor = claimsMadeUp(agency, registerKeys(COLD_FROM));
  return {
    async process(options) {
      const { query = '', variables = {} } = options.request;
      const admission = agency.admit(claimsFor(query, subjectAsked(variables)), query, variables);
      if ('refused' in admission) throw new Error(admission.refused);
      return local.process({ ...options, context: admission.context });
    },
  };
}
