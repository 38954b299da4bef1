import { bilingual, type Bilingual } from '../../schema/bilingual.ts';
import type { Contract } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { AccessEntry } from '../domain/auditEntry.ts';
import type { Consent, Service } from '../domain/consent.ts';
import { leafAt } from '../domain/registration.ts';

/** Finds a service's registration for its names; null: no longer there. */
export type FindService = (id: string) => Promise<Service | null>;

const text = (of: Bilingual) => ({ zh: of['zh-TW'], en: of.en });
const plain = (id: string) => ({ zh: id, en: id });

/** Fields with the labels that the citizen read; an id stands where the contract no longer has a name. */
export function fieldsView(fields: FieldSet, contract: Contract) {
  return Object.entries(fields).map(([id, paths]) => {
    const name = contract.datasets.get(id)?.name;
    const named = paths.map((path) => {
      const label = leafAt(contract, id, path)?.description;
      return { path, label: label === undefined ? plain(path) : text(label) };
    });
    return { id, name: name === undefined ? plain(id) : text(name), fields: named };
  });
}

/** A consent in the shape of schema.graphql's `Consent`; its receipt is made when asked for. Times stay milliseconds, for the scalar. */
export function consentView(consent: Consent, service: Service | null, contract: Contract) {
  const grantedAt = consent.history.find(({ kind }) => kind === 'GRANTED')?.at ?? null;
  const { version, state, mode, notBefore, notAfter, maxUses, history } = consent;
  return {
    id: consent._id,
    version,
    state,
    provider: { id: consent.provider, name: service === null ? plain(consent.provider) : text(service.providerName) },
    service: { id: consent.service.id, name: service === null ? plain(consent.service.id) : text(service.name) },
    purpose: {
      code: consent.purpose.code,
      pdpa: service?.purpose.pdpa ?? '',
      text: service === null ? plain(consent.purpose.code) : text(service.purpose.text),
    },
    mode,
    grantedAt,
    notBefore,
    notAfter,
    uses: maxUses === null ? null : consent.uses.length,
    maxUses,
    statements: consent.statements.map(({ kind, legalBasis, proof, fields }) => {
      const basis = bilingual(legalBasis);
      const datasets = fieldsView(fields, contract);
      return {
        kind,
        legalBasis: basis === null ? plain(legalBasis) : text(basis),
        method: proof.method,
        assurance: proof.assurance,
        datasets,
      };
    }),
    history: history.map(({ kind, version: after, at }) => ({ kind, version: after, at })),
  };
}

/** A line of the access log in the shape of schema.graphql's `AccessLogEntry`. */
export function accessView(entry: AccessEntry, service: Service | null, contract: Contract) {
  const { id, at, kind, request, purpose, consent, consentVersion, count, channel = null, event = null } = entry;
  const isHers = service !== null && service._id === entry.service && service.provider === entry.provider;
  const named = (of: string | null, name: Bilingual | undefined) =>
    of === null ? null : { id: of, name: isHers && name !== undefined ? text(name) : plain(of) };
  return {
    id,
    at,
    kind,
    request,
    provider: named(entry.provider, service?.providerName),
    service: named(entry.service, service?.name),
    purpose,
    consent,
    consentVersion,
    channel,
    permitted: fieldsView(entry.permitted, contract),
    refused: entry.refused.flatMap(({ dataset, fields, reason }) =>
      fieldsView({ [dataset]: fields }, contract).map((view) => ({ dataset: view, reason })),
    ),
    count,
    counts: entry.counts === undefined ? null : Object.entries(entry.counts).map(([dataset, records]) => ({ dataset, records })),
    failedAgencies: entry.failedAgencies ?? [],
    event,
    method: entry.login?.method ?? null,
    outcome: entry.login?.outcome ?? null,
    agency: entry.check?.agency ?? null,
    predicate: entry.check?.predicate ?? null,
  };
}
