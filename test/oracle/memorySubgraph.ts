import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  getNamedType,
  GraphQLError,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import type { DocumentNode, GraphQLFieldResolver, GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import type { Subgraph } from '../../schema/compose.ts';
import { hash } from './hash.ts';

/** How often things go wrong, in thousandths. */
export interface Faults {
  /** Of a resolver: it throws, or finds nothing. */
  readonly error: number;
  readonly null: number;
  /** Of a value that is on its way: it is lost, or of another kind. */
  readonly corrupt: number;
}

export interface SubgraphAnswer {
  readonly data: Record<string, unknown> | null;
  readonly errors?: { readonly message: string; readonly path?: (string | number)[]; readonly extensions?: Record<string, unknown> }[];
}

export interface Weather {
  readonly seed: number;
  readonly faults: Faults;
  /** Without 0, false and empty texts: the stock executor loses them where it renames (departures.test.ts). */
  readonly truthy: boolean;
}

export type Ask = (document: DocumentNode, variables: Record<string, unknown>, weather: Weather) => Promise<SubgraphAnswer>;

/** An object of the random world: the same in every subgraph that knows it. */
interface Thing {
  readonly __typename: string;
  /** Its name in the world; that of an entity ends with its number. */
  readonly name: string;
  /** What a representation said of it. */
  readonly given?: Readonly<Record<string, unknown>>;
}

interface Telling extends Weather {
  readonly subgraph: string;
}

/** Entities of each type. */
const INSTANCES = 3;

/**
 * A subgraph in memory whose every value follows from a seed: subgraphs agree about shared fields, what needs other fields tells what it was
 * given, and faults come at the same places whoever asks.
 */
export function memorySubgraph({ name, sdl }: Subgraph): Ask {
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: referenceResolvers(sdl) as never });
  return async (document, variables, weather) => {
    const telling: Telling = { ...weather, subgraph: name };
    const { data, errors } = await execute({
      schema,
      document,
      variableValues: variables,
      contextValue: telling,
      rootValue: { __typename: 'Query', name: 'Query' } satisfies Thing,
      fieldResolver: resolve,
      typeResolver: (value) => (value as Thing).__typename,
    });
    const sent = JSON.parse(JSON.stringify({ data: data ?? null })) as { data: Record<string, unknown> | null };
    const corrupted = corrupt(sent.data, name, telling, schema);
    return {
      data: corrupted as Record<string, unknown> | null,
      ...(errors === undefined
        ? {}
        : { errors: errors.map(({ message, path, extensions }) => ({ message, ...(path && { path: [...path] }), extensions })) }),
    };
  };
}

/** Entities are found by the number at the end of any of their keys. */
function referenceResolvers(sdl: string): object {
  const resolvers: Record<string, object> = {};
  for (const definition of parse(sdl).definitions) {
    const entity = 'directives' in definition && definition.directives?.some((directive) => directive.name.value === 'key');
    if (!entity || !('name' in definition) || definition.name === undefined) continue;
    const type = definition.name.value;
    const __resolveReference = (given: Record<string, unknown>, telling: Telling, info: GraphQLResolveInfo): Thing | Error | null => {
      const number = numberIn(given);
      if (number === null) return null;
      const name = `${type}#${number}`;
      // An error in the place of one entity; thrown, it would be in the place of all.
      if (strikes(telling, `lost ${name}`, telling.faults.error)) return new GraphQLError(`${telling.subgraph} lost ${name}`);
      fail(telling, `reference ${name}`);
      if (strikes(telling, `no ${name}`, telling.faults.null)) return null;
      return { __typename: concrete(info.schema, type, number), name, given };
    };
    resolvers[type] = {
      __resolveReference,
      ...(definition.kind === Kind.INTERFACE_TYPE_DEFINITION && { __resolveType: (thing: Thing) => thing.__typename }),
    };
  }
  return resolvers;
}

function numberIn(given: unknown): number | null {
  if (typeof given === 'object' && given !== null) {
    const { __typename: _type, id, sku, p, q, ref, code, inner, n } = given as Record<string, unknown>;
    for (const key of [id, sku, p, q, ref, code, inner, n]) {
      const number = key === undefined || key === null ? null : numberIn(key);
      if (number !== null) return number;
    }
    return null;
  }
  const digit = /\d$/.exec(String(given));
  return digit === null ? null : Number(digit[0]) % INSTANCES;
}

const resolve: GraphQLFieldResolver<Thing, Telling> = (thing, args, telling, info) => {
  const asked = Object.keys(args).length === 0 ? info.fieldName : `${info.fieldName}${JSON.stringify(args)}`;
  const place = `${thing.name}.${asked}`;
  fail(telling, place);
  if (!isNonNullType(info.returnType) && strikes(telling, `null ${place}`, telling.faults.null)) return null;
  const field = info.parentType.getFields()[info.fieldName];
  if (field?.astNode?.directives?.some(({ name }) => name.value === 'requires')) return JSON.stringify(thing.given ?? null);
  const number = /#(\d)/.exec(thing.name)?.[1];
  if (number !== undefined && KEYS.has(info.fieldName)) return keyValue(info, thing.name, Number(number), telling.truthy);
  return valueOf(info.schema, info.returnType, place, telling);
};

const KEYS = new Set(['id', 'sku', 'p', 'q', 'ref', 'code', 'inner', 'n']);

function keyValue(info: GraphQLResolveInfo, name: string, number: number, truthy: boolean): unknown {
  const type = getNamedType(info.returnType);
  if (isObjectType(type)) return { __typename: type.name, name: `${name}.${info.fieldName}` };
  return type.name === 'Int' ? number + (truthy ? INSTANCES : 0) : `${info.fieldName}-${number}`;
}

function valueOf(schema: GraphQLSchema, type: GraphQLOutputType, place: string, telling: Telling): unknown {
  if (isNonNullType(type)) return valueOf(schema, type.ofType as GraphQLOutputType, place, { ...telling, faults: NO_FAULTS });
  if (strikes(telling, `nothing ${place}`, telling.faults.null)) return null;
  const dice = hash(`${telling.seed % 7} ${place}`);
  if (isListType(type)) return Array.from({ length: dice % 4 }, (_, index) => valueOf(schema, type.ofType, `${place}[${index}]`, telling));
  if (isEnumType(type)) return ['RED', 'GREEN', 'HIDDEN', 'GREEN'][dice % 4];
  const values = VALUES[type.name]?.(dice);
  if (values !== undefined) return telling.truthy ? values.find(Boolean) : values[dice % values.length];
  const number = dice % INSTANCES;
  const named = isAbstractType(type) ? concrete(schema, type.name, dice % 5) : type.name;
  const entity = schema.getType(named)?.astNode?.directives?.some((directive) => directive.name.value === 'key');
  if (type.name === 'Media') return { __typename: concrete(schema, 'Media', number), name: `Media#${number}` } satisfies Thing;
  return { __typename: named, name: entity ? `${named}#${number}` : place } satisfies Thing;
}

/** Values of each leaf type, for a number; one at least is neither empty nor zero. */
const VALUES: Readonly<Record<string, (number: number) => readonly unknown[]>> = {
  Int: (number) => [(number % 1000) + 1, 0, -7],
  Float: (number) => [(number % 1000) / 8 + 1, 0, 2],
  Boolean: () => [true, false],
  String: (number) => [`text-${number % 1000}`, '', `“${number % 100}”\n\\"`, '𝒳 測試', `\u2028${number % 10}`],
  ID: (number) => [`id-${number % 1000}`, '', '0'],
  Day: (number) => [`2019-12-${10 + (number % 20)}`],
  Any: () => ['any', 0, false, '', { a: [1, null, { b: 'x' }] }, [[]]],
};

/** Which possible type it is. */
function concrete(schema: GraphQLSchema, type: string, number: number): string {
  const abstract = schema.getType(type);
  if (!isAbstractType(abstract)) return type;
  const possible = schema.getPossibleTypes(abstract);
  return possible[number % possible.length]?.name ?? type;
}

const NO_FAULTS: Faults = { error: 0, null: 0, corrupt: 0 };

function strikes({ seed, subgraph }: Telling, what: string, thousandths: number): boolean {
  return thousandths > 0 && hash(`${seed} ${subgraph} ${what}`) % 1000 < thousandths;
}

function fail(telling: Telling, place: string): void {
  if (!strikes(telling, `error ${place}`, telling.faults.error)) return;
  const code = hash(place) % 2 === 0 ? { extensions: { code: `CODE_${telling.subgraph}` } } : {};
  throw new GraphQLError(`${telling.subgraph} failed at ${place}`, code);
}

/** Loses values on their way, or makes them another kind: what no honest subgraph sends. */
function corrupt(value: unknown, place: string, telling: Telling, schema: GraphQLSchema): unknown {
  // What an object says it is, under any name, is another fault's (departures.test.ts).
  if (typeof value === 'string' && schema.getType(value) !== undefined) return value;
  if (telling.faults.corrupt > 0 && value !== null && strikes(telling, `corrupt ${place}`, telling.faults.corrupt)) {
    if (typeof value !== 'object') return [null, 'not this', 1.5, true, {}][hash(`kind ${place}`) % 5];
    return null;
  }
  if (Array.isArray(value)) return value.map((element, index) => corrupt(element, `${place}.${index}`, telling, schema));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const list = key === '_entities' && Array.isArray(member) ? (member as unknown[]) : null;
    const changed =
      list === null
        ? corrupt(member, `${place}.${key}`, telling, schema)
        : list.map((element, index) => corrupt(element, `${place}.${index}`, telling, schema));
    Object.defineProperty(copy, key, { value: changed, writable: true, enumerable: true, configurable: true });
  }
  return copy;
}
