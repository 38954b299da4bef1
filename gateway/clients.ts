import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { HubError } from '../schema/errors.ts';
import type { RegisteredClient } from './oidc/registeredClient.ts';

/** The citizen's own client: her consents and her log, never a dataset. */
export const CITIZEN_CLIENT = 'citizen-web';

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
