import { Kind, print, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { keyOf } from './openPlan.ts';

/** What a client asked: one operation of a document. */
export interface Client {
  readonly document: DocumentNode;
  readonly operationName: string | null;
}

/** What a client asks under one response key at one place, whatever the type: each field, by its name and arguments. */
export function clientFields(document: DocumentNode, operationName: string | null, at: readonly string[]): ReadonlyMap<string, FieldNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const found = new Map<string, FieldNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const enter = (set: SelectionSetNode, [key, ...rest]: readonly string[]): void => {
    if (key === undefined) return;
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) enter(selection.selectionSet, [key, ...rest]);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) enter(fragment.selectionSet, [key, ...rest]);
      } else if (keyOf(selection) === key) {
        if (rest.length === 0) found.set(shownAs(selection), selection);
        else if (selection.selectionSet !== undefined) enter(selection.selectionSet, rest);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (operationName === null || definition.name?.value === operationName) enter(definition.selectionSet, at);
  }
  return found;
}

/** A field by name and arguments alone. */
export function shownAs({ name, arguments: args = [] }: FieldNode): string {
  const sorted = [...args].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
  return print({ kind: Kind.FIELD, name, arguments: sorted });
}
