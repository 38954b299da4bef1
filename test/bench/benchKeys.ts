import { join } from 'node:path';
import { developmentKeys, type DevelopmentKeys } from '../../gateway/keyRing.ts';
import { AGENCIES } from '../../subgraphs/agencies.ts';

/** Where the hub is, as tokens and proofs name it; nothing listens there: the load knows the true port. */
export const PUBLIC_URL = new URL('http://localhost:4000');

/** The hub's names for itself in tokens and proofs. */
export const ISSUER = new URL('/oidc', PUBLIC_URL).href;
export const ENDPOINT = new URL('/graphql', PUBLIC_URL).href;

/** The relying party of the bench. */
export const CLIENT = 'bench';

/** Keys of the bench's own, made by whichever of its processes is first. */
export function benchKeys(folder: string): DevelopmentKeys {
  return developmentKeys(join(folder, 'keys.json'), AGENCIES, [CLIENT]);
}
