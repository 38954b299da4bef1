import type { Contract, Leaf } from '../../schema/contract.ts';
import { fieldSet, hasField, isEmpty, type FieldSet } from '../../schema/fieldSet.ts';
import { refused, withEvent, type Change, type Wish } from './changes.ts';
import type { Consent, IdentityProof, Service, Statement } from './consent.ts';
import { endOf, isNoLonger } from './duration.ts';
import { isOpenable, leafAt, statementKind } from './registration.ts';
import { askedLeaves, SPECIAL_BASIS } from './screenModel.ts';

/** What the citizen did on the screen. */
export interface Agreement {
  /** The fields she ticked, required ones included. */
  readonly agreed: FieldSet;
  /** The separate acts she performed. */
  readonly acts: readonly Exclude<Statement['kind'], 'ORDINARY'>[];
  /** ISO 8601, no longer than asked. Absent: as asked. */
  readonly duration?: string | undefined;
  /** Hash of the screen she saw; the caller has checked that it is today's. */
  readonly screen: string;
}

interface GrantInput {
  readonly agreement: Agreement;
  readonly service: Service;
  readonly contract: Contract;
}

/**
 * The citizen agrees. Refused: CONSENT_UNKNOWN (not hers), CONSENT_STATE (no request any more), CONSENT_WIDENS (more than was asked, or
 * longer), ASSURANCE_TOO_LOW (a field that none of her proofs opens), CONSENT_INCOMPLETE (a required field left out that she could open, a
 * separate act not performed, or nothing agreed).
 */
export function grant(consent: Consent, { agreement, service, contract }: GrantInput, wish: Wish): Change {
  if (consent.subject === null || consent.subject !== wish.subject) return refused('CONSENT_UNKNOWN');
  if (consent.state !== 'REQUESTED' || wish.now >= consent.notAfter) return refused('CONSENT_STATE', consent.state);
  if (service.state !== 'LIVE' || service._id !== consent.service.id || service.provider !== consent.provider)
    return refused('SERVICE_SUSPENDED');
  const asked = askedLeaves(consent, service, contract);
  const proofs = consent.proofs ?? [];
  const agreed = fieldSet(Object.entries(agreement.agreed));
  if (isEmpty(agreed)) return refused('CONSENT_INCOMPLETE', 'nothing agreed');
  const leaves: Leaf[] = [];
  for (const [dataset, paths] of Object.entries(agreed)) {
    for (const path of paths) {
      const leaf = leafAt(contract, dataset, path);
      if (leaf === undefined || !asked.some((one) => one.leaf === leaf)) return refused('CONSENT_WIDENS', `${dataset}:${path}`);
      if (!isOpenable(leaf, proofs)) return refused('ASSURANCE_TOO_LOW', leaf.scope);
      const kind = statementKind(leaf);
      if (kind !== 'ORDINARY' && !agreement.acts.includes(kind)) return refused('CONSENT_INCOMPLETE', leaf.scope);
      leaves.push(leaf);
    }
  }
  // Special-category and third-party data are never a condition: their acts are free.
  const needed = asked.filter(
    ({ entry, leaf }) => entry.necessity === 'REQUIRED' && statementKind(leaf) === 'ORDINARY' && isOpenable(leaf, proofs),
  );
  const missing = needed.find(({ leaf }) => !hasField(agreed, leaf.dataset, leaf.path));
  if (missing !== undefined) return refused('CONSENT_INCOMPLETE', missing.leaf.scope);
  const longest = consent.requested?.duration ?? service.longest;
  const duration = agreement.duration ?? longest;
  if (!isNoLonger(duration, longest)) return refused('CONSENT_WIDENS', 'duration');
  const members: Partial<Consent> = {
    state: 'ACTIVE',
    grantedBy: { subject: wish.subject, capacity: 'SELF', evidence: null },
    service: { id: service._id, version: service.version },
    notBefore: wish.now,
    notAfter: endOf(duration, wish.now),
    statements: statementsOf(leaves, proofs, service),
    screen: agreement.screen,
  };
  return withEvent(consent, 'GRANTED', wish.now, members, wish.request);
}

/** One statement for each kind and proof: a field stands under the newest proof that opens it. */
function statementsOf(leaves: readonly Leaf[], proofs: readonly IdentityProof[], service: Service): readonly Statement[] {
  const groups = new Map<string, { kind: Statement['kind']; proof: IdentityProof; fields: [string, string[]][] }>();
  for (const leaf of leaves) {
    const proof = proofs.findLast((candidate) => isOpenable(leaf, [candidate]));
    if (proof === undefined) continue;
    const kind = statementKind(leaf);
    const key = `${kind} ${proof.method}`;
    const group = groups.get(key) ?? { kind, proof, fields: [] };
    group.fields.push([leaf.dataset, [leaf.path]]);
    groups.set(key, group);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { kind, proof, fields }]) => ({ kind, legalBasis: basisOf(kind, service), proof, fields: fieldSet(fields) }));
}

/** `中文 | English`, as everywhere in the contract. */
function basisOf(kind: Statement['kind'], service: Service): string {
  const basis = kind === 'SPECIAL' ? SPECIAL_BASIS : service.legalBasis;
  return `${basis['zh-TW']} | ${basis.en}`;
}
