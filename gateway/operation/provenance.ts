import type { DatasetStanding } from '../../schema/agencyTransport.ts';
import type { Contract } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { AgencyOutcome } from './agencyFetch.ts';
import type { Closure } from './closure.ts';
import type { Warranted } from './warrants.ts';

/** Where a dataset of the answer comes from, and how it stands there (docs/contract.md §1). */
export interface Provenance {
  readonly agency: string;
  readonly unit: string;
  readonly state: DatasetStanding['state'];
  /** As of when the register answers; null: the agency did not say. */
  readonly asOf: string | null;
  readonly endCursor?: string;
}

/** Provenance of every dataset with a permitted leaf, and of no other; null where there is none. */
export function provenanceOf(
  contract: Contract,
  released: FieldSet,
  outcomes: readonly AgencyOutcome[],
  unavailable: ReadonlySet<string>,
): Readonly<Record<string, Provenance>> | null {
  const standings = new Map(outcomes.flatMap((outcome) => Object.entries(outcome.standings)));
  const entries = Object.keys(released).flatMap((id): [string, Provenance][] => {
    const dataset = contract.datasets.get(id);
    if (dataset === undefined) return [];
    const { agency, unit } = dataset;
    const standing = standings.get(id);
    const state = unavailable.has(id) ? 'UNAVAILABLE' : (standing?.state ?? 'AVAILABLE');
    const cursor = standing?.endCursor === undefined ? {} : { endCursor: standing.endCursor };
    return [[id, { agency, unit, state, asOf: standing?.asOf ?? null, ...cursor }]];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** Permitted datasets whose values are missing, or may be: the agency failed, said so, sent what does not fit, or was never reached. */
export function unavailableDatasets(
  outcomes: readonly AgencyOutcome[],
  unfit: readonly (readonly (string | number)[])[],
  notSent: Iterable<Warranted>,
  { places }: Closure,
): ReadonlySet<string> {
  const unavailable = new Set(outcomes.flatMap((outcome) => [...outcome.unavailable]));
  for (const { checked } of notSent) for (const dataset of checked.datasets.values()) unavailable.add(dataset);
  for (const path of unfit) {
    const place = places.find((candidate) => candidate.path.every((key, index) => path[index] === key));
    if (place !== undefined) unavailable.add(place.dataset);
  }
  return unavailable;
}
