import type { Contract } from '../../schema/contract.ts';
import { fieldSet, type FieldSet } from '../../schema/fieldSet.ts';
import type { SelectedField, Selection } from './selection.ts';

/** One use of a dataset in an operation. */
export interface Place {
  readonly dataset: string;
  /** Response keys from the root to the dataset: `['me', 'lowIncome']`. No list lies on the way. */
  readonly path: readonly string[];
  /** Paths of the leaves that run below it, and of the keys that it is given. */
  readonly fields: readonly string[];
  /** Some object below it (or it itself) runs without any leaf: it would tell presence, or a length, and nothing else. */
  readonly bare: boolean;
}

/** What an operation would reveal under given conditions, before any decision. */
export interface Closure {
  readonly asked: FieldSet;
  readonly places: readonly Place[];
  /** Whether anything but `me` is asked of the root. */
  readonly hubFields: boolean;
}

/**
 * The leaves an operation runs (docs/contract.md §2). `__typename`, an object's presence and a list's length belong to the dataset and are
 * no leaf of their own; a key given to a dataset adds its own path (docs/contract.md §1).
 */
export function closureOf(contract: Contract, selection: Selection): Closure {
  const places: Place[] = [];
  for (const root of selection.roots) {
    if (root.kind !== 'SUBJECT') continue;
    for (const field of root.field.fields ?? []) {
      const dataset = contract.objects.get(field.type);
      if (dataset === undefined) continue;
      const fields = [...keysOf(field), ...leavesOf(contract, field)];
      places.push({ dataset, path: [root.field.key, field.key], fields, bare: hasBareObject(field) });
    }
  }
  const hubFields = selection.roots.some((root) => root.kind === 'HUB');
  return { asked: fieldSet(places.map(({ dataset, fields }) => [dataset, fields])), places, hubFields };
}

/** Names of the keys given to a dataset's field. A key's path is its name: its leaf's, where the dataset has one. */
export function keysOf(field: SelectedField): readonly string[] {
  return field.node.arguments?.map((argument) => argument.name.value) ?? [];
}

function leavesOf(contract: Contract, field: SelectedField): string[] {
  return (field.fields ?? []).flatMap((child) => {
    if (child.fields !== null) return leavesOf(contract, child);
    const leaf = contract.leaves.get(child.coordinate);
    return leaf === undefined ? [] : [leaf.path];
  });
}

/** Whether the object, or one below it, has no leaf that runs. */
function hasBareObject(field: SelectedField): boolean {
  const children = field.fields ?? [];
  return !hasLeaf(field) || children.some((child) => child.fields !== null && hasBareObject(child));
}

function hasLeaf(field: SelectedField): boolean {
  return (field.fields ?? []).some((child) => (child.fields === null ? child.name !== '__typename' : hasLeaf(child)));
}
