import { getNamedType, isAbstractType, isCompositeType, isEnumType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLArgument, GraphQLCompositeType, GraphQLField, GraphQLSchema } from 'graphql';
import type { Dice } from './dice.ts';

export interface RandomOperation {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Response keys that a careless executor would take for members of every object. */
const KEYS = ['x', 'y', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'data'] as const;

/** What stands under one response key, in every fragment of one object. */
interface Held {
  readonly field: string;
  readonly keys: Map<string, Held>;
}

/** A random operation that fits the schema: aliases, fragments on any type, conditions by variables, arguments, `__typename`. */
export function randomOperation(dice: Dice, api: GraphQLSchema): RandomOperation {
  const root = api.getMutationType() && dice.chance(15) ? api.getMutationType() : api.getQueryType();
  if (!root) throw new TypeError('A schema has its Query.');
  const fragments: string[] = [];
  const used = new Set<string>();
  let fresh = 0;
  /** Above zero: fragments stay on the type that they are in. */
  let closed = 0;

  function selections(type: GraphQLCompositeType, keys: Map<string, Held>, depth: number): string {
    const parts: string[] = [];
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const count = 1 + dice.below(depth === 0 ? 4 : 3);
    for (let index = 0; index < count; index += 1) {
      if (dice.chance(10)) parts.push(dice.chance(50) ? '__typename' : `${freshKey()}: __typename`);
      const reachable = depth >= 4 ? fields.filter((field) => !isCompositeType(getNamedType(field.type))) : fields;
      if (reachable.length > 0 && !(isAbstractType(type) && dice.chance(50))) parts.push(field(dice.one(reachable), keys, depth));
      else if (depth <= 4 && (!isObjectType(type) || dice.chance(50))) parts.push(fragment(type, keys, depth));
    }
    if (depth < 4 && dice.chance(15)) parts.push(fragment(type, keys, depth));
    return parts.length === 0 ? '__typename' : parts.join(' ');
  }

  function freshKey(): string {
    fresh += 1;
    return `k${fresh}`;
  }

  function field(definition: GraphQLField<unknown, unknown>, keys: Map<string, Held>, depth: number): string {
    const args = argumentsOf(definition.args);
    const name = `${definition.name}${args}`;
    const identity = `${name} ${String(definition.type)}`;
    let key: string = dice.chance(30) ? dice.one(KEYS) : definition.name;
    if ((keys.get(key)?.field ?? identity) !== identity) key = freshKey();
    const held = keys.get(key) ?? { field: identity, keys: new Map<string, Held>() };
    keys.set(key, held);
    const type = getNamedType(definition.type);
    const outside = closed;
    closed = 0;
    const below = isCompositeType(type) ? ` { ${selections(type, held.keys, depth + 1)} }` : '';
    closed = outside;
    return `${key === definition.name ? '' : `${key}: `}${name}${condition()}${below}`;
  }

  function fragment(type: GraphQLCompositeType, keys: Map<string, Held>, depth: number): string {
    const possible = closed > 0 ? [type] : isAbstractType(type) ? [...api.getPossibleTypes(type), type] : [type, ...type.getInterfaces()];
    const on = dice.one(possible);
    // Out of an object type by an interface and back again: the stock executor loses the way (departures.test.ts).
    const closing = isObjectType(type) && on !== type;
    if (closing) closed += 1;
    const below = depth > 4 ? '__typename' : selections(on, keys, depth + (isObjectType(on) ? 0 : 1));
    if (closing) closed -= 1;
    if (dice.chance(30)) {
      const name = `F${fragments.length}`;
      fragments.push('');
      fragments[Number(name.slice(1))] = `fragment ${name} on ${on.name} { ${below} }`;
      return `...${name}${condition()}`;
    }
    return `...${on === type && dice.chance(30) ? '' : ` on ${on.name}`}${condition()} { ${below} }`;
  }

  function condition(): string {
    if (!dice.chance(12)) return '';
    const value = dice.one(['true', 'false', '$yes', '$no', '$usually']);
    if (value.startsWith('$')) used.add(value);
    return ` @${dice.one(['skip', 'include'])}(if: ${value})`;
  }

  function argumentsOf(args: readonly GraphQLArgument[]): string {
    const given = args.filter(() => dice.chance(60));
    if (given.length === 0) return '';
    const texts = given.map(({ name, type }) => {
      if (isEnumType(getNamedType(type))) return `${name}: ${dice.one(['RED', 'GREEN', 'null'])}`;
      const value = dice.one(['7', '$n', 'null']);
      if (value === '$n') used.add(value);
      return `${name}: ${value}`;
    });
    return `(${texts.join(', ')})`;
  }

  const introspection = !isInterfaceType(root) && root === api.getQueryType() && dice.chance(4) ? ' __type(name: "E0") { name }' : '';
  const body = selections(root, new Map(), 0);
  const declarations = [...used].sort().map((name) => `${name}: ${DECLARED[name] ?? 'Int'}`);
  const head = `${root === api.getQueryType() ? 'query' : 'mutation'}${declarations.length === 0 ? '' : `(${declarations.join(', ')})`}`;
  const variables: Record<string, unknown> = { yes: true, no: false, ...(dice.chance(50) ? { usually: dice.chance(50) } : {}) };
  if (dice.chance(70)) variables['n'] = dice.below(5);
  return {
    text: [`${head} { ${body}${introspection} }`, ...fragments].join('\n'),
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(`$${name}`))),
  };
}

const DECLARED: Readonly<Record<string, string>> = { $yes: 'Boolean!', $no: 'Boolean!', $usually: 'Boolean = true', $n: 'Int' };
