import type { AgencyTransport } from '../schema/agencyTransport.ts';
import { canonicalJson, sha256 } from '../schema/canonical.ts';
import { HubError } from '../schema/errors.ts';
import { CHECK_PURPOSE, WARRANT_ISSUER, warrantDigest, type RegisterKey, type WarrantClaims } from '../schema/warrant.ts';
import type { AuditBody } from './domain/auditEntry.ts';
import type { Clock, RandomId } from './domain/clock.ts';

export interface RegisterCheckOptions {
  readonly transports: readonly AgencyTransport[];
  readonly audit: { append(body: AuditBody): Promise<void> };
  readonly now: Clock;
  readonly randomId: RandomId;
}

/** Seconds a check's warrant is good for. */
const LIFE = 30;

/**
 * Asks an agency a yes/no question about one person (docs/contract.md §4, "Checks"): recorded first, then asked, under a warrant without fields.
 * Throws AUDIT_UNAVAILABLE, SOURCE_UNAVAILABLE, TOO_MANY_REQUESTS.
 */
export function registerCheck({ transports, audit, now, randomId }: RegisterCheckOptions) {
  const byAgency = new Map(transports.map((transport) => [transport.agency, transport]));
  return async (
    agency: string,
    predicate: string,
    args: Readonly<Record<string, string>>,
    nid: RegisterKey,
    { request, subject }: { readonly request: string; readonly subject: string | null },
  ): Promise<boolean> => {
    const transport = byAgency.get(agency);
    if (transport === undefined) throw new HubError('SOURCE_UNAVAILABLE', `${agency} is not connected.`);
    const iat = Math.floor(now() / 1000);
    const warrant: WarrantClaims = Object.freeze({
      iss: WARRANT_ISSUER,
      aud: agency,
      iat,
      exp: iat + LIFE,
      jti: randomId(),
      // Before the first login there is no data subject yet: an id that names nobody.
      sub: subject ?? randomId(),
      nid,
      pur: CHECK_PURPOSE,
      op: sha256(predicate),
      args: sha256(canonicalJson(args)),
    });
    await audit.append({ kind: 'CHECK', request, at: now(), subject, agency, predicate, warrant: warrantDigest(warrant) });
    return transport.check({ predicate, arguments: args, warrant, request });
  };
}
