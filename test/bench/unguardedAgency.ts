import { randomBytes } from 'node:crypto';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify from 'fastify';
import { sha256 } from '../../schema/canonical.ts';
import { WARRANT_ISSUER, type RegisterKey, type WarrantClaims } from '../../schema/warrant.ts';
import type { AgencyContext } from '../../subgraphs/_kit/agencyContext.ts';
import type { Agency } from '../../subgraphs/_kit/createAgency.ts';

/**
 * The same agency's schema on a port of its own, for gateways that send no warrant: what a plain federated subgraph is. It exists in the bench
 * alone, over made-up records. The agency's own checks still run, on claims that this server makes up from the question.
 */
export async function serveUnguarded(
  agency: Agency,
  nidOf: (subject: string) => RegisterKey | undefined,
): Promise<{ port: number; close(): Promise<void> }> {
  const fields = Object.fromEntries(agency.shapes.map(({ id, leaves }) => [id, [...leaves.keys()]]));
  const apollo = new ApolloServer<AgencyContext>({
    schema: agency.schema,
    introspection: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  await apollo.start();
  const app = fastify({ forceCloseConnections: 'idle' });

  function claimsFor(query: string, variables: Readonly<Record<string, unknown>>): WarrantClaims {
    const [representation] = variables['representations'] as { readonly id: string }[];
    const sub = representation?.id ?? '';
    const nid = nidOf(sub);
    if (nid === undefined) throw new Error('Nobody of the bench.');
    const iat = Math.floor(Date.now() / 1000);
    const jti = randomBytes(16).toString('base64url');
    return {
      iss: WARRANT_ISSUER,
      aud: agency.id,
      iat,
      exp: iat + 60,
      jti,
      sub,
      nid,
      cid: 'none',
      cv: 1,
      svc: 'none',
      pur: 'none',
      op: sha256(query),
      fld: fields,
    };
  }

  app.post(
    '/graphql',
    fastifyApolloHandler(apollo, {
      context: async ({ body }) => {
        const { query, variables = {} } = body as { readonly query: string; readonly variables?: Record<string, unknown> };
        const admission = agency.admit(claimsFor(query, variables), query, variables);
        if ('refused' in admission) throw new Error(admission.refused);
        return admission.context;
      },
    }),
  );
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: Number(new URL(address).port),
    async close() {
      await app.close();
      await apollo.stop();
    },
  };
}
