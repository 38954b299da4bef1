import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { HubError } from '../schema/errors.ts';

const secret = z.string().regex(/^[A-Za-z0-9_-]{43}$/, '32 bytes, base64url');
const privateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string().min(1),
});
const publicJwk = privateJwk.omit({ d: true });
export type PrivateKey = z.infer<typeof privateJwk>;

/** Everything the hub holds as a secret. One JSON file; never the store (docs/contract.md §3). */
const HubKeys = z.strictObject({
  /** Signs access and ID tokens (ES256); the first one signs, the others are still published. */
  tokens: z.array(privateJwk).min(1),
  /** Signs receipts. */
  receipts: privateJwk,
  /** Signs the audit log's tree heads. */
  heads: privateJwk,
  cookies: z.array(secret).min(1),
  /** Pairwise subject identifiers. */
  pairwise: secret,
  /** Index of national IDs and bindings (HMAC). */
  index: secret,
  /** Seals national IDs and bindings (AES-256-GCM); the first one seals, all open. */
  seal: z.array(z.object({ kid: z.string().min(1), key: secret })).min(1),
  /** Pseudonyms of subjects in the audit log (HMAC). */
  pseudonym: secret,
  /** The gateway's half of every warrant key. */
  warrant: privateJwk,
  /** The agencies' halves, pinned. */
  agencies: z.record(z.string(), publicJwk),
});
export type HubKeys = z.infer<typeof HubKeys>;

/** What one agency holds: its own half, and the gateways it answers (two while a key rotates). */
const AgencyKeys = z.strictObject({ agency: z.string().min(1), own: z.array(privateJwk).min(1), gateways: z.array(publicJwk).min(1) });
export type AgencyKeys = z.infer<typeof AgencyKeys>;

/** A development file holds every side's keys, so that one command can run any role. */
const DevelopmentKeys = z.strictObject({
  development: z.literal(true),
  hub: HubKeys,
  agencies: z.record(z.string(), AgencyKeys),
  /** Private keys of the demonstration's relying parties. */
  clients: z.record(z.string(), privateJwk),
});
export type DevelopmentKeys = z.infer<typeof DevelopmentKeys>;

/** Prefix of every development key id. */
const DEVELOPMENT = 'dev-';

function ecKey(name: string): PrivateKey {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const thumb = createHash('sha256').update(`${jwk.x}.${jwk.y}`).digest('base64url').slice(0, 8);
  return privateJwk.parse({ ...jwk, kid: `${DEVELOPMENT}${name}-${thumb}` });
}

const half = ({ d: _secret, ...jwk }: PrivateKey): z.infer<typeof publicJwk> => jwk;
const bytes = (): string => randomBytes(32).toString('base64url');

/**
 * Reads the development keys at `file`, making them at the first start. Two processes that start at once agree on one file.
 * Throws STORE_UNWRITABLE when the folder cannot be written, CONFIGURATION when the file is not what was written.
 */
export function developmentKeys(file: string, agencies: readonly string[], clients: readonly string[]): DevelopmentKeys {
  if (!existsSync(file)) {
    const warrant = ecKey('gateway');
    const own = Object.fromEntries(agencies.map((agency) => [agency, ecKey(agency)]));
    const hub: HubKeys = {
      tokens: [ecKey('tokens')],
      receipts: ecKey('receipts'),
      heads: ecKey('heads'),
      cookies: [bytes()],
      pairwise: bytes(),
      index: bytes(),
      seal: [{ kid: `${DEVELOPMENT}seal`, key: bytes() }],
      pseudonym: bytes(),
      warrant,
      agencies: Object.fromEntries(Object.entries(own).map(([agency, key]) => [agency, half(key)])),
    };
    const made: DevelopmentKeys = {
      development: true,
      hub,
      agencies: Object.fromEntries(Object.entries(own).map(([agency, key]) => [agency, { agency, own: [key], gateways: [half(warrant)] }])),
      clients: Object.fromEntries(clients.map((client) => [client, ecKey(client)])),
    };
    writeOnce(file, JSON.stringify(made, null, 2));
  }
  return parse(DevelopmentKeys, file);
}

/** Writes a file that did not exist, whole or not at all; an existing one is left alone. */
function writeOnce(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    linkSync(draft, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw new HubError('STORE_UNWRITABLE', file, { cause });
  } finally {
    if (existsSync(draft)) unlinkSync(draft);
  }
}

/** The hub's keys for production. Throws CONFIGURATION on any development key, naming the file and the place. */
export function hubKeys(file: string): HubKeys {
  return refuseDevelopment(parse(HubKeys, file), file);
}

/** The private key of the hub's own client, for production. Throws CONFIGURATION on a development key. */
export function citizenKey(file: string): PrivateKey {
  return refuseDevelopment(parse(privateJwk, file), file);
}

/** One agency's keys for production. Throws CONFIGURATION on any development key. */
export function agencyKeys(file: string): AgencyKeys {
  return refuseDevelopment(parse(AgencyKeys, file), file);
}

function parse<T>(form: z.ZodType<T>, file: string): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HubError('CONFIGURATION', `Cannot read the key file ${file}.`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new HubError('CONFIGURATION', `${file} is not JSON.`, { cause });
  }
  if (form !== (DevelopmentKeys as z.ZodType) && json !== null && typeof json === 'object' && 'development' in json) {
    throw new HubError('CONFIGURATION', `${file} is development material. Production takes keys of its own.`);
  }
  const parsed = form.safeParse(json);
  if (!parsed.success) {
    // Paths only: a message may quote the value, which is a secret.
    throw new HubError(
      'CONFIGURATION',
      `${file}: wrong at ${parsed.error.issues.map(({ path }) => path.join('.') || '(top)').join(', ')}.`,
    );
  }
  return parsed.data;
}

function refuseDevelopment<T>(keys: T, file: string): T {
  const walk = (value: unknown, path: string): void => {
    if (value === null || typeof value !== 'object') return;
    if ('kid' in value && typeof value.kid === 'string' && value.kid.startsWith(DEVELOPMENT)) {
      throw new HubError(
        'CONFIGURATION',
        `${file}: ${path || '(top)'} is a development key (${value.kid}). Production takes keys of its own.`,
      );
    }
    for (const [name, member] of Object.entries(value)) walk(member, path ? `${path}.${name}` : name);
  };
  walk(keys, '');
  return keys;
}
