import { GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString, isEnumType, type GraphQLLeafType } from 'graphql';
import { quote } from './quote.ts';

/** A value as JSON, or null: it does not fit the type. */
export type Complete = (value: unknown) => string | null;

/**
 * How values of a leaf type are written (GraphQL §6.4.3, "Coercing Results"). A subgraph has coerced them once: a value of another kind is a
 * fault of the subgraph and is not made to fit. Our own scalars and others' may be any JSON.
 */
export function completeLeaf(type: GraphQLLeafType): Complete {
  if (isEnumType(type)) {
    // Values that clients do not see are not in this schema, and do not fit.
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, `"${name}"`]));
    return (value) => texts.get(value) ?? null;
  }
  return STANDARD.get(type.name) ?? anyJson;
}

const STANDARD: ReadonlyMap<string, Complete> = new Map<string, Complete>([
  [GraphQLString.name, (value) => (typeof value === 'string' ? quote(value) : null)],
  [GraphQLInt.name, (value) => (typeof value === 'number' && (value | 0) === value ? String(value | 0) : null)],
  [GraphQLFloat.name, (value) => (typeof value === 'number' && Number.isFinite(value) ? JSON.stringify(value) : null)],
  [GraphQLBoolean.name, (value) => (value === true ? 'true' : value === false ? 'false' : null)],
  [GraphQLID.name, (value) => (typeof value === 'string' ? quote(value) : Number.isSafeInteger(value) ? `"${String(value)}"` : null)],
]);

function anyJson(value: unknown): string | null {
  if (typeof value === 'string') return quote(value);
  try {
    // Undefined where there is no JSON for it.
    return JSON.stringify(value) ?? null;
  } catch {
    // Too deep, or no JSON at all.
    return null;
  }
}
