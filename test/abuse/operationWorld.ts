import { buildSubgraphSchema } from '@apollo/subgraph';
import fastify from 'fastify';
import { buildSchema, execute, parse, type GraphQLSchema } from 'graphql';
import { Pool, type Dispatcher } from 'undici';
import type { AgencyAnswer, AgencyRequest, AgencyTransport } from '../../schema/agencyTransport.ts';
import { HubError } from '../../schema/errors.ts';
import { createPipeline, type PipelineOptions } from '../../gateway/operation/createPipeline.ts';
import { loadGraph } from '../../gateway/operation/graph.ts';
import { inThreadPlanner } from '../../gateway/operation/planner/inThreadPlanner.ts';
import type { Caller } from '../../gateway/domain/caller.ts';
import type { AuditBody } from '../../gateway/domain/auditEntry.ts';
import type { Consent } from '../../gateway/domain/consent.ts';
import { readAgencyOperation } from '../../subgraphs/_kit/agencyOperation.ts';
import { readDatasetShapes } from '../../subgraphs/_kit/datasetShape.ts';
import { replayWindow } from '../../subgraphs/_kit/replayWindow.ts';
import { firstRefusal, QUERY_CHECKS } from '../../subgraphs/_kit/warrantChecks.ts';
import { HUB_SDL, MOA_SDL, MOB_SDL, SUPERGRAPH, CONTRACT, NOW, type Records, SERVICE } from '../fixtures/smallContract.ts';

/** A small world for abusing the pipeline: two agencies that check warrants as real ones do, consents in a map. */

const GRAPH = loadGraph(SUPERGRAPH);

export interface World {
  /** What agencies were asked, in order. */
  readonly asked: AgencyRequest[];
  /** What was audited, in order: `append`, `note` or `refuse`, then the body. */
  readonly audited: { readonly how: 'append' | 'note' | 'refuse'; readonly body: AuditBody }[];
  readonly alarms: unknown[];
  readonly failures: unknown[];
  ask(subject: string, query: string, more?: AskMore): Promise<Response>;
  /** Any other HTTP request. */
  send(path: string, init: Init): Promise<Response>;
  close(): Promise<void>;
}

type Init = Omit<Dispatcher.RequestOptions, 'path'>;

async function send(pool: Pool, path: string, init: Init): Promise<Response> {
  const { statusCode, headers, body } = await pool.request({ ...init, path });
  const text = await body.text();
  return { status: statusCode, headers, text, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Response['body'] };
}

interface AskMore {
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
  readonly operationName?: string;
}

export interface Response {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly string[];
      readonly extensions: Record<string, unknown>;
    }[];
    readonly extensions?: { readonly datasets?: Record<string, Record<string, unknown>> };
  };
}

export interface WorldOptions extends Partial<PipelineOptions> {
  /** Both may be changed while the world is open. */
  readonly records?: ReadonlyMap<string, Records>;
  readonly consents?: readonly Consent[];
  /** Subjects whose own client asks, without a consent. */
  readonly citizens?: readonly string[];
  /** Changes an agency's answer, or throws in its place. */
  readonly meddle?: (agency: string, answer: AgencyAnswer, request: AgencyRequest) => AgencyAnswer | Promise<AgencyAnswer>;
}

/** Starts a world. A bearer's token is the subject's name: `DPoP alice`. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { records = new Map(), consents = [], citizens = [], meddle = (_agency, answer) => answer, ...rest } = options;
  const asked: AgencyRequest[] = [];
  const audited: World['audited'] = [];
  const alarms: unknown[] = [];
  const failures: unknown[] = [];
  let serial = 0;
  const agencies = [agency('moa', MOA_SDL), agency('mob', MOB_SDL)];
  const pipeline = await createPipeline({
    supergraphSdl: SUPERGRAPH,
    contract: CONTRACT,
    planning: { graph: GRAPH, planner: inThreadPlanner(GRAPH) },
    hubSchema: hubSchema(),
    transports: agencies.map(({ id, answer }): AgencyTransport => ({
      agency: id,
      async call(request) {
        asked.push(request);
        return meddle(id, await answer(request, records.get(request.warrant.sub ?? '') ?? {}), request);
      },
      check: () => Promise.resolve(false),
      close: () => Promise.resolve(),
    })),
    authenticate: async ({ authorization }) => {
      const subject = authorization?.replace(/^DPoP /, '');
      if (subject === undefined) throw new HubError('TOKEN_MISSING');
      if (citizens.includes(subject)) return callerOf(subject, null);
      const consent = consents.find((each) => each.subject === subject);
      if (consent === undefined) throw new HubError('TOKEN_INVALID');
      return callerOf(subject, consent._id);
    },
    readConsent: async (id) => consents.find(({ _id }) => _id === id) ?? null,
    readService: async (id) => (id === SERVICE._id ? SERVICE : null),
    readSubject: async () => ({ state: 'ACTIVE', nid: { kind: 'NATIONAL_ID', value: 'A123456789' } }),
    takeUse: async () => 'TAKEN',
    audit: {
      append: async (body) => void audited.push({ how: 'append', body }),
      note: (body) => void audited.push({ how: 'note', body }),
      refuse: (body) => void audited.push({ how: 'refuse', body }),
    },
    now: () => NOW,
    randomId: () => String(serial++).padStart(22, 'A'),
    alarm: (alarm) => void alarms.push(alarm),
    failure: (_request, cause) => void failures.push(cause),
    ...rest,
  });
  const app = fastify({ bodyLimit: 256 * 1024 });
  await app.register(pipeline.routes);
  const pool = new Pool(await app.listen({ port: 0, host: '127.0.0.1' }), { connections: 64 });
  return {
    asked,
    audited,
    alarms,
    failures,
    async ask(subject, query, more = {}) {
      const headers = { authorization: `DPoP ${subject}`, 'content-type': 'application/json' };
      return send(pool, '/graphql', { method: 'POST', headers, body: JSON.stringify({ query, ...more }) });
    },
    async send(path, init) {
      return send(pool, path, init);
    },
    async close() {
      await pool.close();
      await app.close();
      await pipeline.stop();
    },
  };
}

function callerOf(subject: string, consent: string | null): Caller {
  const kind = consent === null ? 'CITIZEN' : 'RELYING_PARTY';
  return {
    kind,
    client: 'client',
    subject,
    consent,
    grant: `grant-${subject}`,
    acr: 'urn:mydata:acr:citizen-certificate',
    authTime: NOW / 1000 - 60,
  };
}

/** An agency that checks every warrant as the kit does, and answers from the records it is given. */
function agency(id: string, sdl: string) {
  const schema = buildSubgraphSchema({
    typeDefs: parse(sdl),
    resolvers: {
      DataSubject: {
        __resolveReference: ({ id: key }: { id: string }, { records }: { records: Records }) => ({ ...structuredClone(records), id: key }),
      },
    },
  });
  const shapes = readDatasetShapes(schema, id);
  const takeOnce = replayWindow(() => NOW);
  return {
    id,
    async answer({ query, variables, warrant }: AgencyRequest, records: Records): Promise<AgencyAnswer> {
      const operation = readAgencyOperation(query, schema, shapes);
      const presented = { claims: warrant, operation, digest: operation?.hash ?? '', variables };
      const refused = firstRefusal(QUERY_CHECKS, presented, { agency: id, now: NOW / 1000, takeOnce });
      if (refused !== null || operation === null) throw new HubError(refused ?? 'WARRANT_FIELDS');
      const { data, errors } = await execute({
        schema,
        document: operation.document,
        variableValues: variables,
        contextValue: { records },
      });
      const datasets = Object.fromEntries(
        shapes
          .filter((shape) => operation.datasets.has(shape.id))
          .map((shape) => [shape.id, { state: records[shape.field] ? ('AVAILABLE' as const) : ('NOT_HELD' as const), asOf: '2026-01-15' }]),
      );
      return {
        data: data as Record<string, unknown>,
        ...(errors && { errors: errors.map((error) => error.toJSON()) }),
        extensions: { datasets },
      };
    },
  };
}

function hubSchema(): GraphQLSchema {
  const schema = buildSchema(
    HUB_SDL.replace(/extend schema .*\n/, '')
      .replaceAll('@key(fields: "id")', '')
      .replaceAll('@inaccessible', ''),
  );
  const fields = { ...schema.getQueryType()?.getFields(), ...schema.getMutationType()?.getFields() };
  const resolvers: Record<string, (source: unknown, args: Record<string, unknown>, context: { caller: Caller }) => unknown> = {
    me: (_source, _args, { caller }) => ({ id: caller.subject }),
    notes: (_source, _args, { caller }) => [{ id: '1', text: `note of ${caller.subject}` }],
    fault: () => {
      throw new Error('a stack trace with secrets');
    },
    forbidden: () => {
      throw new HubError('FORBIDDEN');
    },
    addNote: (_source, { text }) => ({ id: '2', text }),
    addOther: (_source, { text }) => ({ id: '3', text }),
  };
  for (const [name, resolve] of Object.entries(resolvers)) Object.assign(fields[name] ?? {}, { resolve });
  return schema;
}
