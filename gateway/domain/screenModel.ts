import type { Bilingual } from '../../schema/bilingual.ts';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { Contract, Leaf } from '../../schema/contract.ts';
import { hasField } from '../../schema/fieldSet.ts';
import { usableMethods } from './assurance.ts';
import type { Consent, IdentityProof, Service, ServiceDataset, Statement } from './consent.ts';
import { durationChoices, durationInWords } from './duration.ts';
import { purposeOf } from './purpose.ts';
import { isOpenable, isRegistered, SELF, statementKind } from './registration.ts';
import { ACT_WORDS, noticesOf, refusingMeans, type Notice } from './screenWords.ts';

/** An identity method as the screen names it. */
export interface ScreenMethod {
  readonly id: string;
  /** To be asked for in a step-up. */
  readonly acr: string;
  readonly name: Bilingual;
}

export interface ScreenField {
  readonly path: string;
  readonly label: Bilingual;
  /** Whether a proof of identity made so far opens it. If not, it cannot be ticked, and blocks nothing else. */
  readonly openable: boolean;
  /** Where it is not openable: the methods that would open it, weakest first. */
  readonly openedBy: readonly ScreenMethod[];
  /** Ticked and fixed: the service needs it, and it is ordinary data. Everything else starts unticked. */
  readonly fixed: boolean;
}

export interface ScreenDataset {
  readonly id: string;
  readonly name: Bilingual;
  readonly description: Bilingual | null;
  /** CONDITIONAL: needed only in the case that `why` describes. */
  readonly necessity: ServiceDataset['necessity'];
  readonly why: Bilingual;
  /** The law that lets the agency hold it. */
  readonly heldUnder: Bilingual;
  readonly fields: readonly ScreenField[];
}

/** One act of agreement: its own heading, its own tick boxes, its own button or confirmation. */
export interface ScreenAct {
  readonly kind: Statement['kind'];
  readonly heading: Bilingual;
  /** What is special about it; null for ordinary data. */
  readonly explanation: Bilingual | null;
  readonly legalBasis: Bilingual;
  readonly datasets: readonly ScreenDataset[];
}

/** Everything that a consent screen says, in both languages: what is shown, hashed and kept. No personal value is in it. */
export interface ScreenModel {
  readonly v: 1;
  readonly language: 'zh-TW' | 'en';
  readonly consent: string;
  /** Who asks: the service row's requester. `self`: one's own download. */
  readonly requester: { readonly id: string; readonly name: Bilingual; readonly isSelf: boolean };
  readonly service: { readonly id: string; readonly version: number; readonly name: Bilingual };
  readonly purpose: { readonly code: string; readonly pdpa: string; readonly pdpaName: Bilingual | null; readonly text: Bilingual };
  readonly legalBasis: Bilingual;
  readonly mode: Consent['mode'];
  readonly maxUses: number | null;
  /** The longest first; the first is what was asked. ISO 8601 with words. */
  readonly durations: readonly { readonly iso: string; readonly words: Bilingual }[];
  /** How identity was proved so far. */
  readonly proved: readonly ScreenMethod[];
  /** ORDINARY first, then SPECIAL and THIRD_PARTY where there is such data. */
  readonly acts: readonly ScreenAct[];
  /** Methods that would open something that is closed now, weakest first: offer these as a step-up. Empty: nothing is closed. */
  readonly stepUps: readonly ScreenMethod[];
  readonly refusing: Bilingual;
  /** PDPA art. 8(1), one notice per subparagraph. */
  readonly notices: readonly Notice[];
}

export interface ScreenInput {
  readonly consent: Consent;
  readonly service: Service;
  readonly contract: Contract;
  readonly language: 'zh-TW' | 'en';
}

/** PDPA art. 6(1)(6): special-category data on the data subject's written consent. */
export const SPECIAL_BASIS: Bilingual = {
  'zh-TW': '個資法第6條第1項第6款（經當事人書面同意）',
  en: 'PDPA art. 6(1)(6), the data subject’s written consent',
};

const KINDS: readonly Statement['kind'][] = ['ORDINARY', 'SPECIAL', 'THIRD_PARTY'];

/** The screen of a requested consent, made from the schema's descriptions, the service's registration and the proofs made so far. Pure. */
export function screenModel({ consent, service, contract, language }: ScreenInput): ScreenModel {
  const asked = askedLeaves(consent, service, contract);
  const proofs = consent.proofs ?? [];
  const closed = asked.filter(({ leaf }) => !isOpenable(leaf, proofs));
  const proved = [...new Set(proofs.map(({ method }) => method))];
  const duration = consent.requested?.duration ?? service.longest;
  return {
    v: 1,
    language,
    consent: consent._id,
    requester: { id: service.provider, name: service.providerName, isSelf: service.provider === SELF },
    service: { id: service._id, version: service.version, name: service.name },
    purpose: { ...service.purpose, pdpaName: purposeOf(service.purpose.pdpa)?.name ?? null },
    legalBasis: service.legalBasis,
    mode: consent.mode,
    maxUses: consent.maxUses,
    durations: durationChoices(duration).map((iso) => ({ iso, words: durationInWords(iso) })),
    proved: screenMethods(proved),
    acts: KINDS.flatMap((kind) => {
      const leaves = asked.filter(({ leaf }) => statementKind(leaf) === kind);
      return leaves.length === 0 ? [] : [actOf(kind, leaves, { consent, service, contract, language })];
    }),
    stepUps: screenMethods(closed.flatMap(({ leaf }) => leaf.methods)),
    refusing: refusingMeans(service),
    notices: noticesOf(service, duration),
  };
}

/** The hash by which a screen is kept and named in the consent. */
export function screenHash(model: ScreenModel): string {
  return sha256(canonicalJson(model));
}

interface AskedLeaf {
  readonly entry: ServiceDataset;
  readonly leaf: Leaf;
}

/** What was asked and is still within the registration and the contract, in the registration's order of datasets and the schema's of fields. */
export function askedLeaves(consent: Consent, service: Service, contract: Contract): readonly AskedLeaf[] {
  const asked = consent.requested?.fields ?? {};
  return service.datasets.flatMap((entry) => {
    const leaves = contract.datasets.get(entry.dataset)?.leaves ?? [];
    return leaves
      .filter((leaf) => hasField(asked, leaf.dataset, leaf.path) && isRegistered(service, leaf))
      .map((leaf) => ({ entry, leaf }));
  });
}

function actOf(kind: Statement['kind'], leaves: readonly AskedLeaf[], { consent, service, contract }: ScreenInput): ScreenAct {
  const entries = [...new Set(leaves.map(({ entry }) => entry))];
  const datasets = entries.flatMap((entry): ScreenDataset[] => {
    const dataset = contract.datasets.get(entry.dataset);
    if (dataset === undefined) return [];
    const fields = leaves.filter((asked) => asked.entry === entry).map(({ leaf }) => fieldOf(leaf, entry, consent.proofs ?? []));
    const { id, name, description, legalBasis } = dataset;
    return [{ id, name, description, necessity: entry.necessity, why: entry.why, heldUnder: legalBasis, fields }];
  });
  return { kind, ...ACT_WORDS[kind], legalBasis: kind === 'SPECIAL' ? SPECIAL_BASIS : service.legalBasis, datasets };
}

function fieldOf(leaf: Leaf, entry: ServiceDataset, proofs: readonly IdentityProof[]): ScreenField {
  const openable = isOpenable(leaf, proofs);
  const fixed = openable && entry.necessity === 'REQUIRED' && statementKind(leaf) === 'ORDINARY';
  return { path: leaf.path, label: leaf.description, openable, openedBy: openable ? [] : screenMethods(leaf.methods), fixed };
}

function screenMethods(methods: readonly string[]): readonly ScreenMethod[] {
  return usableMethods(methods).map(({ id, acr, name }) => ({ id, acr, name }));
}
