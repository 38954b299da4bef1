import type { Connection } from 'mongoose';
import { sha256 } from '../../schema/canonical.ts';
import type { Contract } from '../../schema/contract.ts';
import { fieldSet } from '../../schema/fieldSet.ts';
import { consentModel, toStored } from '../../gateway/consent/consentModel.ts';
import type { ServiceRow } from '../../gateway/consent/serviceRows.ts';
import type { Consent, IdentityProof, Service, Statement } from '../../gateway/domain/consent.ts';
import { leafAt, statementKind } from '../../gateway/domain/registration.ts';
import type { Vault } from '../../gateway/identity/vault.ts';
import { CLIENT } from './benchKeys.ts';
import { benchCitizen } from './citizens.ts';
import { permittedBy } from './mix.ts';
import { QUESTION } from './question.ts';

const said = { 'zh-TW': '量測', en: 'Bench' };

/** The bench's own service: it may ask every field of the query, third-party ones included. */
export function benchService(contract: Contract): ServiceRow {
  return {
    id: 'bench.everything',
    channel: 'ONLINE',
    provider: 'bench.provider',
    providerName: said,
    ministry: 'bench',
    name: said,
    purpose: said,
    pdpaPurpose: '109',
    legalBasis: said,
    mode: 'PERIOD',
    longest: 'P6M',
    datasets: QUESTION.map(({ dataset, paths }) => {
      const thirdPartyFields = paths.filter((path) => leafAt(contract, dataset, path)?.thirdParty === true);
      return {
        dataset,
        necessity: 'OPTIONAL' as const,
        fields: [...paths],
        ...(thirdPartyFields.length > 0 && { thirdPartyFields }),
        why: said,
      };
    }),
    clients: [CLIENT],
  };
}

const DAY = 86_400_000;
const AT_ONCE = 2000;

/** A consent as the rooms leave it when a citizen has agreed with her certificate, ordinary and third-party fields by acts of their own. */
function activeConsent(number: number, service: Service, contract: Contract, now: number): Consent {
  const { subject, consent } = benchCitizen(number);
  const permitted = permittedBy(number);
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

export interface Seed {
  /** The database `hub`, with its rooms opened. */
  readonly connection: Connection;
  readonly vault: Vault;
  readonly contract: Contract;
  readonly service: Service;
  readonly citizens: number;
  /** Consents of people who never ask. */
  readonly strangers: number;
  readonly now: number;
}

const batches = (from: number, to: number): number[][] =>
  Array.from({ length: Math.ceil((to - from) / AT_ONCE) }, (_, batch) => {
    const first = from + batch * AT_ONCE;
    return Array.from({ length: Math.min(AT_ONCE, to - first) }, (_none, index) => first + index);
  });

/** Writes the citizens and their consents in bulk, in the very form in which the rooms keep them. */
export async function seedHub({ connection, vault, contract, service, citizens, strangers, now }: Seed): Promise<void> {
  const consents = consentModel(connection).collection;
  const subjects = connection.model('Subject').collection;
  const stored = (number: number) => ({ ...toStored(activeConsent(number, service, contract, now)), uses: [] });
  for (const numbers of batches(0, citizens)) {
    const people = numbers.map((number) => {
      const { subject, nid } = benchCitizen(number);
      const { sealed, keyId } = vault.seal(subject, `${nid.kind}:${nid.value}`);
      return { _id: subject, v: 1, nidIndex: vault.index('nid', `${nid.kind}\0${nid.value}`), nidSealed: sealed, keyId, state: 'ACTIVE' };
    });
    await subjects.insertMany(people as never[]);
    await consents.insertMany(numbers.map(stored) as never[]);
  }
  const like = stored(citizens);
  for (const numbers of batches(citizens, citizens + strangers)) {
    const others = numbers.map((number) => {
      const { subject, consent } = benchCitizen(number);
      return { ...like, _id: consent, subject, grantedBy: { ...like.grantedBy, subject } };
    });
    await consents.insertMany(others as never[]);
  }
}
