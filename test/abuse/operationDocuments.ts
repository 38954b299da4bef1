import { getNamedType, isObjectType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';

/** Random but valid documents of a schema, from one seed. */
export interface RandomDocument {
  readonly query: string;
  readonly variables: Readonly<Record<string, boolean>>;
}

/** Mulberry32: a small generator whose whole state is its seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Aliases, fragments named and inline (nested, empty but for `__typename`), @skip and @include by literals and variables, the same object
 * selected twice, `__typename` anywhere. Each alias is fresh, so that fields always merge.
 */
export function randomDocument(api: GraphQLSchema, seed: number): RandomDocument {
  const random = randomOf(seed);
  const chance = (likelihood: number) => random() < likelihood;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const fragments: string[] = [];
  const variables: Record<string, boolean> = {};
  let serial = 0;

  const condition = (): string => {
    if (!chance(0.25)) return '';
    if (chance(0.3)) return ` @${pick(['skip', 'include'])}(if: ${pick(['true', 'false'])})`;
    const name = pick(['x', 'y', 'z']);
    variables[name] ??= chance(0.5);
    return ` @${pick(['skip', 'include'])}(if: $${name})`;
  };

  const field = (type: GraphQLObjectType, depth: number): string => {
    if (chance(0.15)) return `${chance(0.5) ? `t${serial++}: ` : ''}__typename${condition()}`;
    const chosen = pick(Object.values(type.getFields()));
    const below = getNamedType(chosen.type);
    const args = chosen.name === 'records' && chance(0.3) ? '(first: 10)' : '';
    const alias = args !== '' || chance(0.3) ? `a${serial++}: ` : '';
    return `${alias}${chosen.name}${args}${condition()}${isObjectType(below) ? selectionOf(below, depth + 1) : ''}`;
  };

  const selectionOf = (type: GraphQLObjectType, depth: number): string => {
    const parts: string[] = [];
    const most = depth > 4 ? 1 : 1 + Math.floor(random() * 3);
    for (let index = 0; index < most; index += 1) {
      const kind = depth > 6 ? 0 : random();
      if (kind < 0.7) parts.push(field(type, depth));
      else if (kind < 0.85) parts.push(`...${chance(0.6) ? ` on ${type.name}` : ''}${condition()} ${selectionOf(type, depth + 1)}`);
      else {
        const name = `F${serial++}`;
        fragments.push(`fragment ${name} on ${type.name} ${selectionOf(type, depth + 1)}`);
        parts.push(`...${name}${condition()}`);
        if (chance(0.3)) parts.push(`...${name}`);
      }
    }
    return ` { ${parts.join(' ')} } `;
  };

  const subject = api.getType('DataSubject') as GraphQLObjectType;
  const roots = [`me${condition()}${selectionOf(subject, 1)}`];
  if (chance(0.4)) roots.push(`${chance(0.5) ? 'b: ' : ''}me${selectionOf(subject, 1)}`);
  if (chance(0.3)) roots.push('__typename');
  if (chance(0.3)) roots.push(`notes${condition()} { id ${chance(0.5) ? '...N' : 'text'} }`);
  const body = roots.join(' ');
  if (body.includes('...N')) fragments.push('fragment N on Note { text }');
  const declared = Object.keys(variables).map((name) => `$${name}: Boolean!`);
  const head = declared.length === 0 ? 'query' : `query Q(${declared.join(', ')})`;
  return { query: `${head} { ${body} } ${fragments.join(' ')}`, variables };
}
