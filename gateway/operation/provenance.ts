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
  const datasets: Record<string, Provenance> = {};
  let some = false;
  for (const id of Object.keys(released)) {
    const dataset = contract.datasets.get(id);
    if (dataset === undefined) continue;
    const standing = standingOf(outcomes, id);
    const state = unavailable.has(id) ? 'UNAVAILABLE' : (standing?.state ?? 'AVAILABLE');
    const provenance = { agency: dataset.agency, unit: dataset.unit, state, asOf: standing?.asOf ?? null };
    datasets[id] = standing?.endCursor === undefined ? provenance : { ...provenance, endCursor: standing.endCursor };
    some = true;
  }
  return some ? datasets : null;
}

/** What the last fetch that asked of the dataset was told. */
function standingOf(outcomes: readonly AgencyOutcome[], dataset: string): DatasetStanding | undefined {
  return outcomes.findLast(({ standings }) => Object.hasOwn(standings, dataset))?.standings[dataset];
}

/** Permitted datasets whose values are missing, or may be: the agency failed, said so, sent what does not fit, or was never reached. */
export function unavailableDatasets(
  outcomes: readonly AgencyOutcome[],
  unfit: readonly (readonly (string | number)[])[],
  notSent: Iterable<Warranted>,
  { places }: Closure,
): ReadonlySet<string> {
  const unavailable = new Set<string>();
  for (const outcome of outcomes) for (const dataset of outcome.unavailable) unavailable.add(dataset);
  for (const { checked } of notSent) for (const dataset of checked.datasets.values()) unavailable.add(dataset);
  for (const path of unfit) {
    const place = places.find((candidate) => candidate.path.every((key, index) => path[index] === key));
    if (place !== undefined) unavailable.add(place.dataset);
  }
  return unavailable;
}
