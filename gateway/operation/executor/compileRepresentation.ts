import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { getOwn, isObject, mergeData, setOwn, type Data } from './mergeData.ts';
import { typeNamesOf } from './typeNames.ts';

/** What is sent of an entity; null when something of it is not there. */
export type Represent = (entity: Data) => Data | null;

/** Adds a part to a representation, or says that the part is not there. */
type Part = (entity: Data, representation: Data) => boolean;

/** Compiles what a fetch requires of each entity: keys and `@requires` data, nested, for the types that it applies to. */
export function compileRepresentation(whole: GraphQLSchema, requires: readonly QueryPlanSelectionNode[]): Represent {
  const parts = requires.map((selection) => compilePart(whole, selection));
  return (entity) => {
    const representation: Data = {};
    for (const part of parts) if (!part(entity, representation)) return null;
    return representation;
  };
}

function compilePart(whole: GraphQLSchema, selection: QueryPlanSelectionNode): Part {
  if (selection.kind === 'InlineFragment') {
    // Without a condition it adds nothing that is not asked elsewhere.
    if (selection.typeCondition === undefined) return () => true;
    const names = typeNamesOf(whole, selection.typeCondition);
    const represent = compileRepresentation(whole, selection.selections);
    return (entity, representation) => {
      const part = names.has(getOwn(entity, '__typename') as string) ? represent(entity) : null;
      if (part !== null) mergeData(representation, part);
      return true;
    };
  }
  const key = selection.alias ?? selection.name;
  const represent = selection.selections === undefined ? null : compileRepresentation(whole, selection.selections);
  return (entity, representation) => {
    const value = getOwn(entity, key);
    if (value === undefined) return false;
    setOwn(representation, key, represent === null ? value : representBelow(represent, value));
    return true;
  };
}

function representBelow(represent: Represent, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => representBelow(represent, element));
  return isObject(value) ? represent(value) : null;
}
