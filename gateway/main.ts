import { createServer } from 'node:net';
import { pino } from 'pino';
import { HubError } from '../schema/errors.ts';
import { readConfiguration, USAGE } from './configuration.ts';
import type { HubLog, Running } from './hub.ts';

const logger = pino({ level: 'info', base: null }, pino.destination({ dest: 2, sync: true }));

/** Ids, places and causes; a cause is an error's name, code and stack, never a request's body. */
const log: HubLog = ({ error, note, ...entry }) => {
  const cause = error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : error;
  if (error === undefined) logger.warn({ ...entry }, note);
  else logger.error({ ...entry, cause }, note ?? 'failed');
};

/** A port that somebody has already, said before anything is opened or written. */
async function claim(
  host: string,
  port: number,
  advice = 'Choose another with PORT=… (the student-aid system takes the next one).',
): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') reject(new HubError('PORT_IN_USE', `${host}:${port}. ${advice}`, { cause }));
      else reject(new HubError('CONFIGURATION', `Cannot listen on ${host}:${port} (${cause.code ?? cause.message}).`, { cause }));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

async function start(): Promise<Running | null> {
  const configuration = readConfiguration(process.argv.slice(2), process.env);
  if (configuration.role === 'HELP') {
    console.log(USAGE);
    return null;
  }
  const { settings } = configuration;
  const say = (line: string): void => console.log(line);
  // Each role loads what it runs: an agency needs nothing of the gateway.
  if (configuration.role === 'AGENCY') {
    await claim(settings.HOST, configuration.port, 'Choose another with --port N.');
    const { startDemonstrationAgency, startProductionAgency } = await import('./agencyAlone.ts');
    return configuration.production
      ? startProductionAgency({ ...configuration, log, say })
      : startDemonstrationAgency({ ...configuration, log, say });
  }
  await claim(settings.HOST, configuration.settings.PORT);
  if (configuration.production) {
    const { startProduction } = await import('./production.ts');
    return startProduction({ settings: configuration.settings, log, say });
  }
  if (configuration.settings.PORT > 0) await claim(settings.HOST, configuration.settings.PORT + 1);
  const { startDemonstration } = await import('./demonstration.ts');
  return startDemonstration({ settings: configuration.settings, log, say });
}

// Apollo's gateway packages report home unless told not to.
process.env['APOLLO_TELEMETRY_DISABLED'] = '1';

try {
  const running = await start();
  const stop = (signal: NodeJS.Signals): void => {
    process.once(signal, () => process.exit(1));
    running?.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log({ where: 'stop', error });
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  if (!(error instanceof HubError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exit(2);
}
