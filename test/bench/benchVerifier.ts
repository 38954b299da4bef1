import { createTokenVerifier, type TokenVerifier } from '../../gateway/identity/accessToken.ts';
import { PROOF_SPAN } from '../../gateway/identity/dpopProof.ts';
import { memoryReplayCache } from '../../gateway/identity/replayCache.ts';
import type { HubKeys } from '../../gateway/keyRing.ts';
import { ENDPOINT, ISSUER } from './benchKeys.ts';

/** The product's verifier of tokens and proofs, as gateway/hub.ts makes it. */
export function benchVerifier({ tokens, pairwise }: HubKeys): TokenVerifier {
  return createTokenVerifier({
    issuer: ISSUER,
    audience: ENDPOINT,
    keys: { keys: tokens.map(({ d: _secret, ...half }) => half) },
    now: Date.now,
    replay: memoryReplayCache({ span: PROOF_SPAN, now: Date.now }),
    pairwiseKey: Buffer.from(pairwise, 'base64url'),
    notBeforeStart: 0,
  });
}
