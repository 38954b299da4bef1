import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, isObjectType, parse, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { applyMiddleware, type IMiddlewareTypeMap } from 'graphql-middleware';
import type { IRules } from 'graphql-shield';
import type { ErrorCode } from '../../schema/errors.ts';
import { ERRORS } from '../../schema/errors.ts';
import { allow, deny, rule, shield } from '../../schema/shield.ts';
import { SCHEMA_PURPOSE } from '../../schema/warrant.ts';
import { admittedRequest, type AgencyContext } from './agencyContext.ts';
import type { DatasetShape } from './datasetShape.ts';
import type { RegisterRecord } from './defineDataset.ts';
import { page } from './page.ts';
import { namesOnly } from './warrantChecks.ts';

/** An error whose text says nothing but its code's sentence. */
export function refusal(code: ErrorCode): GraphQLError {
  return new GraphQLError(ERRORS[code].en, { extensions: { code } });
}

type Resolver<Parent, Arguments = Record<string, never>> = (parent: Parent, args: Arguments, context: AgencyContext) => unknown;

interface Subject {
  readonly __typename: 'DataSubject';
  readonly id: string;
}

/** The root of a dataset with many records. */
interface Records {
  readonly all: readonly RegisterRecord[];
}

/** The executable schema of an agency: its SDL with resolvers, behind the shield. */
export function agencySchema(
  sdl: string,
  shapes: (schema: GraphQLSchema) => readonly DatasetShape[],
): { schema: GraphQLSchema; shapes: readonly DatasetShape[] } {
  const typeDefs = parse(sdl);
  const found = shapes(buildSubgraphSchema({ typeDefs }));
  const subject: Record<string, Resolver<Subject>> = {};
  const resolvers: Record<string, Record<string, GraphQLFieldResolver<never, AgencyContext, never>>> = {};
  for (const shape of found) {
    subject[shape.field] = async (_subject, _args, { request }) => {
      const records = await request.records(shape.id);
      if (records.length === 0) return null;
      return shape.many ? ({ all: records } satisfies Records) : records[0];
    };
    if (shape.many) resolvers[shape.type] = { records: recordsResolver(shape.id) };
  }
  const DataSubject = { ...subject, __resolveReference: ({ id }: Subject): Subject => ({ __typename: 'DataSubject', id }) };
  const schema = buildSubgraphSchema({ typeDefs, resolvers: { ...resolvers, DataSubject } });
  return { schema: shielded(schema), shapes: found };
}

function recordsResolver(dataset: string): Resolver<Records, { first?: number | null; after?: string | null }> {
  return ({ all }, { first, after }, { request: { standings } }) => {
    const found = page(dataset, all, first, after);
    if (found === null) return refusal('REQUEST_MALFORMED');
    const standing = standings.get(dataset);
    if (standing !== undefined && found.endCursor !== null) standings.set(dataset, { ...standing, endCursor: found.endCursor });
    return found.records;
  };
}

/** Second lock after the checks: whoever executes this schema without them gets nothing. A rule answers with an error that has a code. */
const underWarrant = rule({ cache: 'no_cache' })((_parent, args: { representations?: unknown }, context: unknown) =>
  namesOnly(admittedRequest(context)?.claims.sub, args.representations) ? true : refusal('WARRANT_SUBJECT'),
);
const byGateway = rule({ cache: 'no_cache' })((_parent, _args, context: unknown) =>
  admittedRequest(context)?.claims.pur === SCHEMA_PURPOSE ? true : refusal('WARRANT_SUBJECT'),
);

/**
 * Deny by default: a root field or a type that nobody allowed is closed. What lies below DataSubject is reached through `_entities` alone, so
 * it is allowed on purpose; allowed types are left unwrapped, as a wrapper would cost a promise for each leaf.
 */
function shielded(schema: GraphQLSchema): GraphQLSchema {
  const query = schema.getQueryType()?.name ?? 'Query';
  const open = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__') && type.name !== query,
  );
  const rules = {
    [query]: { '*': deny, _entities: underWarrant, _service: byGateway },
    ...Object.fromEntries(open.map(({ name }) => [name, allow])),
  };
  const generated = shield(rules as IRules, { fallbackRule: deny, fallbackError: refusal('FORBIDDEN') }).generate(
    schema,
  ) as IMiddlewareTypeMap;
  const closed = Object.fromEntries(Object.entries(generated).filter(([type]) => rules[type] !== allow));
  return applyMiddleware(schema, closed);
}
