import { readAgency, type AgencyRule, type Finding } from './agency.ts';
import { composeSupergraph } from './compose.ts';
import type { ComposedRule } from './composed.ts';
import { readContract, type Contract } from './contract.ts';
import { readRetired } from './retired.ts';
import { bilingualDescriptions } from './rules/bilingualDescriptions.ts';
import { datasetFacts } from './rules/datasetFacts.ts';
import { datasetIds } from './rules/datasetIds.ts';
import { declaredArguments } from './rules/declaredArguments.ts';
import { everyTypeInDataset } from './rules/everyTypeInDataset.ts';
import { hubOwnsNoData } from './rules/hubOwnsNoData.ts';
import { knownMethods } from './rules/knownMethods.ts';
import { marksSurvive } from './rules/marksSurvive.ts';
import { noAbstractTypes } from './rules/noAbstractTypes.ts';
import { noDirectiveDefinitions } from './rules/noDirectiveDefinitions.ts';
import { noHints } from './rules/noHints.ts';
import { noRecursion } from './rules/noRecursion.ts';
import { noRootFields } from './rules/noRootFields.ts';
import { noSchemaHeader } from './rules/noSchemaHeader.ts';
import { nothingRenamed } from './rules/nothingRenamed.ts';
import { noWayBack } from './rules/noWayBack.ts';
import { nullableFields } from './rules/nullableFields.ts';
import { oneEntity } from './rules/oneEntity.ts';
import { oneOwner } from './rules/oneOwner.ts';
import { onePath } from './rules/onePath.ts';
import { onlyContractDirectives } from './rules/onlyContractDirectives.ts';
import { onlyObjectsAndEnums } from './rules/onlyObjectsAndEnums.ts';
import { personalOnLeaves } from './rules/personalOnLeaves.ts';
import { plainNames } from './rules/plainNames.ts';
import { recordsForm } from './rules/recordsForm.ts';
import { retiredNeverReturns } from './rules/retiredNeverReturns.ts';
import { specialMethods } from './rules/specialMethods.ts';
import { HUB, type SubgraphSource } from './subgraphSources.ts';
import { readSupergraph } from './supergraph.ts';

/** What an agency's SDL may say, docs/contract.md §1, in the order of its sentences. */
const AGENCY_RULES = {
  oneEntity,
  noRootFields,
  onlyContractDirectives,
  noAbstractTypes,
  onlyObjectsAndEnums,
  noRecursion,
  noWayBack,
  datasetIds,
  noSchemaHeader,
  noDirectiveDefinitions,
  onePath,
  nullableFields,
  recordsForm,
  declaredArguments,
  personalOnLeaves,
  everyTypeInDataset,
  bilingualDescriptions,
  datasetFacts,
  knownMethods,
  specialMethods,
  plainNames,
} as const satisfies Record<string, AgencyRule>;

/** What must hold of the whole, after composition. */
const COMPOSED_RULES = { marksSurvive, oneOwner, retiredNeverReturns, noHints } as const satisfies Record<string, ComposedRule>;

/** A finding and the rule that made it: `schema/rules/<rule>.ts` says why. */
export interface Problem extends Finding {
  readonly rule: string;
}

export interface LintedSupergraph {
  readonly supergraphSdl: string;
  readonly contract: Contract;
}

/**
 * The whole way from sources to a contract: lint each subgraph, compose, read the contract, lint the whole. The findings of a step are all
 * reported together; the next step is not tried on them.
 */
export function lintAndCompose(
  sources: readonly SubgraphSource[],
  retiredText: string,
): LintedSupergraph | { readonly problems: readonly Problem[] } {
  const agencies = sources.filter((source) => source.name !== HUB).map((source) => readAgency(source.name, source.files));
  const hubs = sources.filter((source) => source.name === HUB).map((source) => readAgency(source.name, source.files));
  const early = [
    ...sources.flatMap((source) => named('nothingRenamed', nothingRenamed(source))),
    ...hubs.flatMap((hub) => named('hubOwnsNoData', hubOwnsNoData(hub))),
    ...agencies.flatMap((agency) => Object.entries(AGENCY_RULES).flatMap(([rule, check]) => named(rule, check(agency)))),
  ];
  if (early.length > 0) return { problems: early };
  const { supergraphSdl, hints } = composeSupergraph(sources);
  const contract = readContract(supergraphSdl);
  const composed = { agencies, supergraph: readSupergraph(supergraphSdl), contract, retired: readRetired(retiredText), hints };
  const late = Object.entries(COMPOSED_RULES).flatMap(([rule, check]) => named(rule, check(composed)));
  return late.length > 0 ? { problems: late } : { supergraphSdl, contract };
}

/** One line for one problem. */
export function problemLine({ at, what, message, rule }: Problem): string {
  return `${at}  ${what}: ${message} (${rule})`;
}

function named(rule: string, findings: Iterable<Finding>): Problem[] {
  return [...findings].map((finding) => ({ ...finding, rule }));
}
