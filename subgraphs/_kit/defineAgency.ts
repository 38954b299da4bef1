import type { Predicate } from './predicate.ts';

/** What an agency is beyond its datasets' folders. */
export interface AgencyDefinition {
  /** Yes/no predicates it answers under a warrant with `pur: "check"`, by name. Their registers are in `registers.json` beside it. */
  readonly predicates?: Readonly<Record<string, Predicate>>;
}

/** Defines an agency: the `agency.ts` that makes a folder of datasets an agency. */
export function defineAgency(definition: AgencyDefinition): AgencyDefinition {
  return definition;
}
