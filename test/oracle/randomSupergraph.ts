import type { Subgraph } from '../../schema/compose.ts';
import type { Dice } from './dice.ts';

/** A type below construction: in which subgraphs it has which fields. */
interface Type {
  readonly name: string;
  readonly head: Map<string, string>;
  readonly fields: Map<string, string[]>;
}

interface Entity extends Type {
  /** Fields that one subgraph alone answers and others may require. */
  readonly own: Own[];
}

interface Own {
  readonly name: string;
  readonly type: string;
  /** Its selection within a field set. */
  readonly set: string;
  /** For a subgraph that requires it: its own type's definition there. */
  readonly part: string | null;
  readonly shareable: boolean;
}

/** Keys in several shapes: simple, compound, nested, and two of them. */
const KEYS = [
  { keys: ['id'], fields: { id: ['id: ID!'] } },
  { keys: ['id'], fields: { id: ['id: String!'] } },
  { keys: ['id'], fields: { id: ['id: Int!'] } },
  { keys: ['p q'], fields: { 'p q': ['p: ID!', 'q: Int!'] } },
  { keys: ['ref { code }'], fields: { 'ref { code }': ['ref: Ref!'] } },
  { keys: ['ref { code inner { n } } p'], fields: { 'ref { code inner { n } } p': ['ref: Ref!', 'p: ID!'] } },
  { keys: ['id', 'sku'], fields: { id: ['id: ID!'], sku: ['sku: String!'] } },
] as const;

const LEAVES = ['Int', 'Float', 'String', 'Boolean', 'ID', 'Color', 'Day', 'Any'] as const;
const WRAPS = [(t: string) => t, (t: string) => t, (t: string) => `${t}!`] as const;
const LISTS = [
  (t: string) => `[${t}]`,
  (t: string) => `[${t}!]`,
  (t: string) => `[${t}]!`,
  (t: string) => `[${t}!]!`,
  (t: string) => `[[${t}]]`,
  (t: string) => `[[${t}!]!]`,
] as const;

/**
 * Random subgraphs that (nearly always) compose: entities with keys of several shapes, value types, interfaces and unions, enums with a value
 * that clients do not see, custom scalars, @requires over values, objects and lists, @provides, @shareable, @override, @interfaceObject,
 * nested lists and chains of non-null.
 */
export function randomSupergraph(dice: Dice): Subgraph[] {
  const names = ['a', 'b', 'c', 'd'].slice(0, 2 + dice.below(3));
  const types: Type[] = [];
  const make = (name: string): Type => {
    const type: Type = { name, head: new Map(), fields: new Map(names.map((subgraph) => [subgraph, []])) };
    types.push(type);
    return type;
  };
  const add = (type: Type, subgraph: string, field: string): void => void type.fields.get(subgraph)?.push(field);
  const wrapped = (type: string): string => dice.one(dice.chance(40) ? LISTS : WRAPS)(type);

  const values = ['V0', 'V1', 'V2'].map((name, number) => {
    const type = make(name);
    const fields = Array.from({ length: 2 + dice.below(3) }, (_, index) => {
      const below = number > 0 && dice.chance(30) ? `V${dice.below(number)}` : dice.one(LEAVES);
      return `f${index}: ${wrapped(below)}`;
    });
    for (const subgraph of names) {
      type.head.set(subgraph, '@shareable');
      for (const field of ['size: Int', ...fields]) add(type, subgraph, field);
    }
    return name;
  });

  const entities = Array.from({ length: 2 + dice.below(3) }, (_, number): Entity => {
    const type = make(`E${number}`);
    const shape = dice.one(KEYS);
    const owner = dice.one(names);
    for (const subgraph of names) {
      // One subgraph knows all keys: from it, every other is reached.
      const keys = subgraph === owner ? shape.keys : [dice.one<string>(shape.keys)];
      type.head.set(subgraph, keys.map((key) => `@key(fields: "${key}")`).join(' '));
      for (const key of keys)
        for (const field of (shape.fields as Record<string, readonly string[]>)[key] ?? []) add(type, subgraph, field);
    }
    return { ...type, own: [] };
  });

  const interfaces: string[] = [];
  const unions: string[] = [];
  const abstractIn = new Map<string, readonly string[]>();
  const heads: [subgraph: string, text: string][] = [];
  if (dice.chance(75)) {
    const within = dice.some(names, 1);
    const label = dice.chance(50);
    for (const subgraph of within) heads.push([subgraph, `interface Named { label: String  ${label ? 'many: [V0!]' : ''} }`]);
    for (const type of dice.some(entities, 2)) {
      const own = 'label: String';
      for (const subgraph of within) {
        type.head.set(subgraph, `implements Named ${type.head.get(subgraph)}`);
        for (const field of label ? [own, 'many: [V0!]'] : [own]) add(type, subgraph, `${field} @shareable`);
      }
    }
    interfaces.push('Named');
    abstractIn.set('Named', within);
  }
  if (dice.chance(50)) {
    for (const subgraph of names) heads.push([subgraph, 'interface Sized { size: Int }']);
    for (const type of types.filter(({ name }) => name === 'V0' || name === 'V1'))
      for (const subgraph of names) type.head.set(subgraph, `implements Sized ${type.head.get(subgraph)}`);
    interfaces.push('Sized');
    abstractIn.set('Sized', names);
  }
  if (dice.chance(75)) {
    const members = [...dice.some(entities, 2).map(({ name }) => name), ...dice.some(values)];
    const within = dice.some(names, 1);
    for (const subgraph of within) heads.push([subgraph, `union Either = ${members.join(' | ')}`]);
    unions.push('Either');
    abstractIn.set('Either', within);
  }

  const target = (subgraph: string): string => {
    const abstract = [...interfaces, ...unions].filter((name) => abstractIn.get(name)?.includes(subgraph));
    if (abstract.length > 0 && dice.chance(40)) return dice.one(abstract);
    return dice.chance(60) ? dice.one(entities).name : dice.one(values);
  };
  const takesArguments = (): string => (dice.chance(25) ? '(n: Int = 3, color: Color)' : '');

  for (const entity of entities) {
    const count = 3 + dice.below(4);
    for (let index = 0; index < count; index += 1) {
      const owner = dice.one(names);
      const leaf = dice.chance(55);
      const below = leaf ? dice.one(LEAVES) : target(owner);
      const name = `g${index}`;
      const kind = dice.below(100);
      // Lists of lists of objects stand at the root: the stock executor merges two answers about one of them badly (departures.test.ts).
      const type = leaf ? wrapped(below) : dice.one([...LISTS.slice(0, 4), ...WRAPS])(below);
      const others = names.filter((other) => other !== owner && (abstractIn.get(below) ?? names).includes(other));
      const [from] = others;
      if (kind < 15) {
        for (const subgraph of [owner, ...others]) add(entity, subgraph, `${name}: ${type} @shareable`);
      } else if (kind < 25 && from !== undefined) {
        add(entity, from, `${name}: ${type}`);
        add(entity, owner, `${name}: ${type} @override(from: "${from}")`);
      } else if (kind < 50 && entity.own.length > 0) {
        require(entity, name, dice.some(entity.own, 1).slice(0, 2));
      } else if (kind < 60) {
        dimensions(entity, name, owner);
      } else {
        const args = takesArguments();
        // What another subgraph provides must be shareable where it is at home.
        const shareable = dice.chance(40);
        add(entity, owner, `${name}${args}: ${type} ${shareable ? '@shareable' : ''}`);
        if (args === '' && leaf) entity.own.push({ name, type, set: name, part: null, shareable });
      }
    }
    if (dice.chance(50)) split(entity);
  }

  /** A field that needs others of the entity: it tells what it was given, so that a wrong representation is seen. */
  function require(entity: Entity, name: string, needed: Entity['own']): void {
    const elsewhere = names.filter((subgraph) => needed.every((own) => !has(entity, subgraph, own.name)));
    if (elsewhere.length === 0) return;
    const subgraph = dice.one(elsewhere);
    for (const own of needed) {
      add(entity, subgraph, `${own.name}: ${own.type} @external`);
      if (own.part !== null) heads.push([subgraph, own.part]);
    }
    const type = dice.one(['String', 'String', 'String!']);
    add(entity, subgraph, `${name}: ${type} @requires(fields: "${needed.map(({ set }) => set).join(' ')}")`);
    entity.own.push({ name, type, set: name, part: null, shareable: false });
  }

  /** Objects that only their owner knows: what another requires of them is sent with the key. */
  function dimensions(entity: Entity, name: string, owner: string): void {
    const below = `Dimensions${entity.name}${name}`;
    // The stock executor sends nothing of objects in lists of lists (departures.test.ts).
    const type = dice.one([...LISTS.slice(0, 4), ...WRAPS])(below);
    add(entity, owner, `${name}: ${type}`);
    heads.push([owner, `type ${below} { width: Int tags: [String!] unit: Color }`]);
    const needed = dice.some(['width: Int', 'tags: [String!]', 'unit: Color'], 1);
    const part = `type ${below} { ${needed.map((field) => `${field} @external`).join(' ')} }`;
    entity.own.push({ name, type, set: `${name} { ${needed.map((field) => field.split(':')[0]).join(' ')} }`, part, shareable: false });
  }

  /** A list that two subgraphs answer in part: x here, y there, element by element. */
  function split(entity: Entity): void {
    const [here, there] = names;
    if (here === undefined || there === undefined) return;
    const name = `Split${entity.name}`;
    const part = make(name);
    add(part, here, 'x: Int');
    add(part, there, 'y: Int');
    for (const subgraph of [here, there]) {
      part.head.set(subgraph, '@shareable');
      add(part, subgraph, 'both: String');
      add(entity, subgraph, `split: [${name}!] @shareable`);
    }
  }

  const media = dice.chance(35);
  if (media) {
    const [here, there] = names as [string, string];
    heads.push([here, 'interface Media @key(fields: "id") { id: ID! title: String }']);
    for (const name of ['Book', 'Film']) {
      const type = make(name);
      type.head.set(here, 'implements Media @key(fields: "id")');
      for (const field of ['id: ID!', 'title: String', `only${name}: Int`]) add(type, here, field);
    }
    const object = make('Media');
    object.head.set(there, '@key(fields: "id") @interfaceObject');
    for (const field of ['id: ID!', 'rating: Int', 'reviews: [V0!]']) add(object, there, field);
    abstractIn.set('Media', [here, there]);
  }

  const query = make('Query');
  for (const subgraph of names) {
    for (let index = 0; index < 2 + dice.below(3); index += 1)
      add(query, subgraph, `${subgraph}${index}${takesArguments()}: ${wrapped(target(subgraph))}`);
    const entity = dice.one(entities);
    const provided = entity.own.find(({ shareable, name }) => shareable && !has(entity, subgraph, name));
    if (provided !== undefined && dice.chance(60)) {
      add(entity, subgraph, `${provided.name}: ${provided.type} @external`);
      add(query, subgraph, `${subgraph}Provided: [${entity.name}] @provides(fields: "${provided.name}")`);
    }
    if (media && abstractIn.get('Media')?.includes(subgraph)) add(query, subgraph, `${subgraph}Media: ${wrapped('Media')}`);
    if (dice.chance(50)) add(query, subgraph, `everywhere: ${entities[0]?.name} @shareable`);
  }
  function has(entity: Entity, subgraph: string, field: string): boolean {
    return (entity.fields.get(subgraph) ?? []).some((text) => text.startsWith(`${field}:`) || text.startsWith(`${field}(`));
  }
  if (dice.chance(60)) {
    const mutation = make('Mutation');
    for (const subgraph of dice.some(names, 1)) {
      add(mutation, subgraph, `${subgraph}Change${takesArguments()}: ${wrapped(dice.one(entities).name)}`);
      add(mutation, subgraph, `${subgraph}Count: Int`);
    }
  }
  return names.map((name) => ({ name, sdl: textOf(name, types, heads) }));
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject"])
scalar Day
scalar Any
enum Color { RED GREEN HIDDEN @inaccessible }
type Inner @shareable { n: Int! }
type Ref @shareable { code: String! inner: Inner! }`;

function textOf(subgraph: string, types: readonly Type[], heads: readonly (readonly [string, string])[]): string {
  const objects = types.flatMap(({ name, head, fields }) => {
    const own = fields.get(subgraph) ?? [];
    return own.length === 0 ? [] : [`type ${name} ${head.get(subgraph) ?? ''} {\n${own.map((field) => `  ${field}`).join('\n')}\n}`];
  });
  return [LINK, ...heads.flatMap(([where, text]) => (where === subgraph ? [text] : [])), ...objects].join('\n');
}
