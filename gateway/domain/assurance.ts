import { IDENTITY_METHODS, type IdentityMethod } from '../../schema/identityMethods.ts';

/** Methods outside the personal order (a business certificate) come last. */
const orderOf = (method: IdentityMethod): number => method.stepUpOrder ?? Infinity;

/** The methods of a list that somebody can use today, weakest first; ids that nobody knows are left out. */
export function usableMethods(accepted: readonly string[]): readonly IdentityMethod[] {
  return IDENTITY_METHODS.filter(({ id, status }) => status === 'AVAILABLE' && accepted.includes(id)).sort(
    (a, b) => orderOf(a) - orderOf(b),
  );
}

/** The `acr` values that would open what accepts these methods, weakest first (RFC 9470 `acr_values`). */
export function acrValuesOf(accepted: readonly string[]): readonly string[] {
  return usableMethods(accepted).map(({ acr }) => acr);
}

/** Methods accepted by every list; empty when the lists have none in common, or there is no list. */
export function commonMethods(lists: Iterable<readonly string[]>): readonly string[] {
  const [first, ...rest] = lists;
  return (first ?? []).filter((method) => rest.every((list) => list.includes(method)));
}

/** What a person must do, given the methods she holds and the one she used. */
export type StepUp = { readonly kind: 'ENOUGH' } | { readonly kind: 'STEP_UP'; readonly method: string } | { readonly kind: 'IMPOSSIBLE' };

/**
 * Rule *step-up* of the identity methods: the present method is enough if the list has it, whatever its strength (rule *accept-list*);
 * else the lowest, by step-up order, that is on the list and that the person holds. A method that must first be bound (rule *enrolment*)
 * is held once it is bound.
 */
export function stepUp(accepted: readonly string[], held: readonly string[], current: string | null): StepUp {
  if (current !== null && accepted.includes(current)) return { kind: 'ENOUGH' };
  const next = usableMethods(accepted).find(({ id, stepUpOrder }) => stepUpOrder !== null && held.includes(id));
  return next === undefined ? { kind: 'IMPOSSIBLE' } : { kind: 'STEP_UP', method: next.id };
}

/** Datasets to be proved together, and the methods that each accepts of them. */
export interface ProofGroup {
  readonly datasets: readonly string[];
  readonly methods: readonly string[];
}

/**
 * Rule *several-datasets*: one proof for all when their lists have a usable method in common; else once per group. Groups are filled in the
 * order given, each dataset into the first that still has a method for it; a dataset that nobody can open is in none.
 */
export function proofGroups(datasets: Iterable<readonly [dataset: string, methods: readonly string[]]>): readonly ProofGroup[] {
  const groups: { datasets: string[]; methods: readonly string[] }[] = [];
  for (const [dataset, accepted] of datasets) {
    const usable = usableMethods(accepted).map(({ id }) => id);
    if (usable.length === 0) continue;
    const group = groups.find(({ methods }) => commonMethods([methods, usable]).length > 0);
    if (group === undefined) groups.push({ datasets: [dataset], methods: usable });
    else Object.assign(group, { datasets: [...group.datasets, dataset], methods: commonMethods([group.methods, usable]) });
  }
  return groups;
}
