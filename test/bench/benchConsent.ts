import type { Consent, IdentityProof, Service, Statement } from '../../gateway/domain/consent.ts';
import { leafAt, statementKind } from '../../gateway/domain/registration.ts';
import { sha256 } from '../../schema/canonical.ts';
import type { Contract } from '../../schema/contract.ts';
import { fieldSet, type FieldSet } from '../../schema/fieldSet.ts';
import { CLIENT } from './benchKeys.ts';
import { benchCitizen } from './citizens.ts';

const DAY = 86_400_000;

/** What every consent of the bench has in common. */
export interface Agreed {
  readonly service: Service;
  readonly contract: Contract;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A consent as the rooms leave it when a citizen has agreed with her certificate, ordinary and third-party fields by acts of their own. */
export function activeConsent(number: number, permitted: FieldSet, { service, contract, now }: Agreed): Consent {
  const { subject, consent } = benchCitizen(number);
  const proof: IdentityProof = { method: 'citizen-certificate', assurance: 'HIGH', authTime: Math.floor(now / 1000) - 60 };
  const statements = (['ORDINARY', 'SPECIAL', 'THIRD_PARTY'] as const).flatMap((kind): Statement[] => {
    const fields = fieldSet(
      Object.entries(permitted).map(([dataset, paths]) => {
        const ofKind = paths.filter((path) => {
          const leaf = leafAt(contract, dataset, path);
          return leaf !== undefined && statementKind(leaf) === kind;
        });
        return [dataset, ofKind] as const;
      }),
    );
    return Object.keys(fields).length === 0 ? [] : [{ kind, legalBasis: '量測 | Bench', proof, fields }];
  });
  return {
    _id: consent,
    v: 1,
    version: 2,
    state: 'ACTIVE',
    subject,
    grantedBy: { subject, capacity: 'SELF', evidence: null },
    client: CLIENT,
    provider: service.provider,
    service: { id: service._id, version: service.version },
    purpose: { code: service.purpose.code, textHash: sha256(JSON.stringify(service.purpose.text)) },
    mode: 'PERIOD',
    maxUses: null,
    notBefore: now - DAY,
    notAfter: now + 30 * DAY,
    statements,
    requested: { fields: permitted, duration: 'P6M' },
    proofs: [proof],
    screen: sha256('bench screen'),
    uses: [],
    history: [
      { kind: 'REQUESTED', version: 1, at: now - DAY },
      { kind: 'GRANTED', version: 2, at: now - DAY },
    ],
    outbox: [],
  };
}
