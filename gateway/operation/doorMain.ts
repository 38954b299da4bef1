import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fastify from 'fastify';
import { HubError } from '../../schema/errors.ts';
import { createDoor } from './door.ts';

const USAGE = `Usage: npm run gateway -- --supergraph FILE --port N [--host 127.0.0.1] [--introspection] [--no-limits]

Serves a plain federation supergraph (one without datasets) at /graphql, for federation and GraphQL-over-HTTP test suites: no token, no
consent, subgraphs at the URLs written in the file.`;

/** How long open requests may take after SIGTERM. */
const GRACE_MS = 2_000;

function readArguments() {
  const options = {
    supergraph: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    introspection: { type: 'boolean', default: false },
    'no-limits': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    return parseArgs({ options, strict: true }).values;
  } catch (cause) {
    throw new HubError('CONFIGURATION', `${cause instanceof Error ? cause.message : 'Unknown argument.'}\n\n${USAGE}`, { cause });
  }
}

async function start(): Promise<void> {
  const { supergraph, port, host, introspection, help, ...flags } = readArguments();
  if (help) return console.log(USAGE);
  if (supergraph === undefined) throw new HubError('CONFIGURATION', `--supergraph is missing.\n\n${USAGE}`);
  if (port === undefined || !/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new HubError('CONFIGURATION', `--port must be a number to 65535.\n\n${USAGE}`);
  const failure = (request: string, cause: unknown) => console.error(request, cause instanceof Error ? cause.message : 'unknown failure');
  const door = await createDoor({
    supergraphSdl: readFile(supergraph),
    introspection,
    limited: !flags['no-limits'],
    requestId: randomUUID,
    failure,
  });
  const app = fastify({ forceCloseConnections: true });
  await app.register(door.routes);
  const address = await app.listen({ port: Number(port), host }).catch((cause: unknown) => refusePort(host, port, cause));
  console.log(`Ready at ${address}/graphql`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      setTimeout(() => process.exit(0), GRACE_MS).unref();
      void app
        .close()
        .then(door.stop)
        .finally(() => process.exit(0));
    });
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HubError('CONFIGURATION', `The supergraph file cannot be read: ${cause instanceof Error ? cause.message : path}`, { cause });
  }
}

function refusePort(host: string, port: string, cause: unknown): never {
  const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
  throw new HubError(taken ? 'PORT_IN_USE' : 'CONFIGURATION', taken ? `${host}:${port}` : `Cannot listen on ${host}:${port}.`, { cause });
}

try {
  await start();
} catch (error) {
  console.error(error instanceof HubError ? `${error.code}: ${error.message}` : error);
  process.exit(1);
}
