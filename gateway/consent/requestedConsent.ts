import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { Consent } from '../domain/consent.ts';
import type { ValidRequest } from './authorizationDetails.ts';

/** How long a request waits for the citizen. */
const REQUEST_MS = 3_600_000;

/** A request as it is first kept, at `at` (milliseconds since the epoch): nobody's yet. */
export function requestedConsent(valid: ValidRequest, client: string, id: string, at: number): Consent {
  const { service, fields, duration, mode, maxUses } = valid;
  return {
    _id: id,
    v: 1,
    version: 1,
    state: 'REQUESTED',
    subject: null,
    grantedBy: null,
    client,
    provider: service.provider,
    service: { id: service._id, version: service.version },
    purpose: { code: service.purpose.code, textHash: sha256(canonicalJson(service.purpose.text)) },
    mode,
    maxUses,
    notBefore: at,
    notAfter: at + REQUEST_MS,
    statements: [],
    requested: { fields, duration },
    proofs: [],
    screen: null,
    uses: [],
    history: [{ kind: 'REQUESTED', version: 1, at }],
    outbox: [],
  };
}
