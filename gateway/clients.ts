import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { HubError } from '../schema/errors.ts';
import type { PrivateKey } from './keyRing.ts';
import type { RegisteredClient } from './oidc/registeredClient.ts';

/** The citizen's own client: her consents and her log, never a dataset. */
export const CITIZEN_CLIENT = 'citizen-web';

/** Where its citizen comes back after login. */
export const citizenCallback = (publicUrl: URL): string => new URL('/me/callback', publicUrl).href;

const Clients = z.array(
  z.strictObject({
    client_id: z.string().min(1),
    name: z.string().min(1),
    scope: z.enum(['openid', 'openid hub']),
    redirect_uris: z.array(z.url()).min(1),
    jwks: z.strictObject({
      keys: z
        .array(z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string(), kid: z.string() }))
        .min(1),
    }),
  }),
);

/** The registered relying parties of production. Throws CONFIGURATION on a wrong form, a development key, or a redirect that is not https. */
export function readClients(file: string): readonly RegisteredClient[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new HubError('CONFIGURATION', `${file} cannot be read as JSON.`, { cause });
  }
  const parsed = Clients.safeParse(json);
  if (!parsed.success)
    throw new HubError(
      'CONFIGURATION',
      `${file}: wrong at ${parsed.error.issues.map(({ path }) => path.join('.') || '(top)').join(', ')}.`,
    );
  for (const { client_id, redirect_uris, jwks } of parsed.data) {
    if (jwks.keys.some(({ kid }) => kid.startsWith('dev-')))
      throw new HubError('CONFIGURATION', `${file}: ${client_id} has a development key.`);
    if (redirect_uris.some((uri) => !uri.startsWith('https:')))
      throw new HubError('CONFIGURATION', `${file}: ${client_id} has a redirect URI that is not https.`);
  }
  return parsed.data;
}

/** Refuses to start when the hub's own client could not sign anybody in. Throws CONFIGURATION saying what its registration lacks. */
export function checkCitizenClient(clients: readonly RegisteredClient[], file: string, publicUrl: URL, { kid, x, y }: PrivateKey): void {
  const callback = citizenCallback(publicUrl);
  const client = clients.find(({ client_id }) => client_id === CITIZEN_CLIENT);
  const lacks = (what: string): never => {
    throw new HubError('CONFIGURATION', `${file}: the hub's own client "${CITIZEN_CLIENT}" ${what}.`);
  };
  if (client === undefined) return lacks('is missing');
  if (client.scope !== 'openid hub') lacks('needs the scope "openid hub"');
  if (!client.redirect_uris.includes(callback)) lacks(`needs the redirect URI ${callback}`);
  if (!client.jwks.keys.some((key) => key.kid === kid && key.x === x && key.y === y)) lacks('has not the public half of CITIZEN_KEY_FILE');
}
