import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { HubError } from '../schema/errors.ts';

export const USAGE = `Usage: npm start -- [--agency ID] [--port N]

  (no option)       the demonstration: the whole hub in one process, on loopback, with synthetic people
  --agency ID       one agency alone over HTTP (with the demonstration's keys), for a hub with AGENCY_URLS
  --port N          instead of PORT (4000; an agency needs it)
  --production      explicit keys, trust list and URL, no development material (npm run start:production)
  --help            this

Environment: PORT, HOST, PUBLIC_URL, DATA_DIR (./data), MONGODB_URI, REGISTER_DATE (2019-12-20, demonstration),
AGENCY_URLS ('{"moi":"ws://127.0.0.1:4101"}', or http). docs/operations.md has the rest.`;

const port = z.coerce.number().int().min(0).max(65535);
const url = z.url({ protocol: /^https?$/ }).transform((value) => new URL(value));
const text = z.string().min(1);
const agencyUrl = z.url({ protocol: /^(https?|wss?)$/ }).transform((value) => new URL(value));
const agencyUrls = text
  .transform((value, context) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), agencyUrl));

/** TLS files for calls between gateway and agencies (mutual TLS). */
const tls = { AGENCY_TLS_CA_FILE: text.optional(), AGENCY_TLS_CERT_FILE: text.optional(), AGENCY_TLS_KEY_FILE: text.optional() };

/** How long things are kept, in days after they ended or were written. */
export interface Keep {
  /** Consents that ended, with the screens they were given on. */
  readonly consents: number;
  /** Entries of the audit log on disclosures, refusals and changes of consents. */
  readonly disclosures: number;
  /** Entries of the audit log on logins and the checks made for them. */
  readonly logins: number;
}

/** Five years and a year: damages are claimed within five years (個人資料保護法 art. 30). */
export const KEEP: Keep = { consents: 1827, disclosures: 1827, logins: 366 };

const days = z.coerce.number().int().min(1).max(36_525);
const keep = {
  KEEP_CONSENTS_DAYS: days.default(KEEP.consents),
  KEEP_DISCLOSURES_DAYS: days.default(KEEP.disclosures),
  KEEP_LOGINS_DAYS: days.default(KEEP.logins),
};

const Demonstration = z.object({
  PORT: port.default(4000),
  HOST: z.enum(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
  PUBLIC_URL: url.optional(),
  DATA_DIR: text.default('./data'),
  MONGODB_URI: text.optional(),
  DATABASE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,15}$/, 'lower case letters, digits, _')
    .optional(),
  REGISTER_DATE: z.iso.date().default('2019-12-20'),
  AGENCY_URLS: agencyUrls.default({}),
  ...keep,
  ...tls,
});

const Production = z.object({
  PORT: port.default(4000),
  HOST: text.default('127.0.0.1'),
  PUBLIC_URL: url.refine(({ protocol }) => protocol === 'https:', 'must be https'),
  DATA_DIR: text.optional(),
  MONGODB_URI: text.optional(),
  DATABASE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,15}$/, 'lower case letters, digits, _')
    .optional(),
  VALKEY_URL: text.optional(),
  KEYS_FILE: text,
  CLIENTS_FILE: text,
  CITIZEN_KEY_FILE: text,
  TRUST_LIST_FILE: text,
  CRL_FILE: text,
  AUDIT_HEADS_FILE: text,
  SMS_GATEWAY_URL: url.refine(({ protocol }) => protocol === 'https:', 'must be https').optional(),
  AGENCY_URLS: agencyUrls,
  ...keep,
  AGENCY_TLS_CA_FILE: text,
  AGENCY_TLS_CERT_FILE: text,
  AGENCY_TLS_KEY_FILE: text,
});

const ProductionAgency = z.object({
  HOST: text.default('127.0.0.1'),
  DATA_DIR: text.optional(),
  MONGODB_URI: text.optional(),
  DATABASE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,15}$/, 'lower case letters, digits, _')
    .optional(),
  AGENCY_KEYS_FILE: text,
  AGENCY_TLS_CA_FILE: text,
  AGENCY_TLS_CERT_FILE: text,
  AGENCY_TLS_KEY_FILE: text,
});

type Settings<T extends z.ZodType> = z.infer<T>;
export type DemonstrationSettings = Settings<typeof Demonstration>;
export type ProductionSettings = Settings<typeof Production>;
export type ProductionAgencySettings = Settings<typeof ProductionAgency>;

export type Configuration =
  | { readonly role: 'HELP' }
  | { readonly role: 'HUB'; readonly production: false; readonly settings: DemonstrationSettings }
  | { readonly role: 'HUB'; readonly production: true; readonly settings: ProductionSettings }
  | {
      readonly role: 'AGENCY';
      readonly production: false;
      readonly agency: string;
      readonly port: number;
      readonly settings: DemonstrationSettings;
    }
  | {
      readonly role: 'AGENCY';
      readonly production: true;
      readonly agency: string;
      readonly port: number;
      readonly settings: ProductionAgencySettings;
    };

/**
 * Arguments and environment → what to run. Throws CONFIGURATION naming each variable that is missing or wrong; values are never quoted.
 */
export function readConfiguration(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Configuration {
  const { agency, port: portOption, production, help } = readArguments(argv);
  if (help) return { role: 'HELP' };
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  if (portOption !== undefined) given['PORT'] = portOption;
  if (agency === undefined) {
    return production
      ? { role: 'HUB', production, settings: needStore(read(Production, given)) }
      : { role: 'HUB', production, settings: read(Demonstration, given) };
  }
  const parsed = port.safeParse(portOption);
  if (!parsed.success) throw new HubError('CONFIGURATION', 'An agency alone needs its own port: --agency ID --port N.');
  return production
    ? { role: 'AGENCY', production, agency, port: parsed.data, settings: needStore(read(ProductionAgency, given)) }
    : { role: 'AGENCY', production, agency, port: parsed.data, settings: read(Demonstration, given) };
}

function readArguments(argv: readonly string[]) {
  const options = {
    agency: { type: 'string' },
    port: { type: 'string' },
    production: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true });
    return values;
  } catch (cause) {
    throw new HubError('CONFIGURATION', `${cause instanceof Error ? cause.message : 'Unknown argument'}. Try --help.`, { cause });
  }
}

function read<T extends z.ZodType>(form: T, given: Record<string, string | undefined>): z.infer<T> {
  const parsed = form.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.')}: ${given[String(path[0])] === undefined ? 'missing' : message}`,
  );
  throw new HubError('CONFIGURATION', `${[...new Set(wrong)].join('; ')}. See docs/operations.md.`);
}

function needStore<T extends { DATA_DIR?: string | undefined; MONGODB_URI?: string | undefined }>(settings: T): T {
  if (settings.DATA_DIR === undefined && settings.MONGODB_URI === undefined) {
    throw new HubError('CONFIGURATION', 'DATA_DIR or MONGODB_URI: missing. Name where data lives. See docs/operations.md.');
  }
  return settings;
}

export function keepOf(settings: DemonstrationSettings | ProductionSettings): Keep {
  return { consents: settings.KEEP_CONSENTS_DAYS, disclosures: settings.KEEP_DISCLOSURES_DAYS, logins: settings.KEEP_LOGINS_DAYS };
}

/** Where citizens reach the hub: PUBLIC_URL, else the loopback address and port. */
export function publicUrlOf({ PUBLIC_URL, PORT }: DemonstrationSettings): URL {
  return PUBLIC_URL ?? new URL(`http://localhost:${PORT}`);
}

/** The data folder, absolute. */
export function dataFolder(folder: string): string {
  return resolve(folder);
}
