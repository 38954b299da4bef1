import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { HubError } from '../../schema/errors.ts';

/**
 * What one request may weigh. Checked on the AST before validation, because validation and planning themselves cost more than linear time
 * (1 kB of nested fragments: 119 s in the stock gateway). `Infinity` lifts a limit.
 */
export interface Limits {
  /** Bytes of the HTTP body. Nothing is decompressed: a compressed body is refused. */
  readonly bodyBytes: number;
  /** Lexical tokens of the document. */
  readonly tokens: number;
  /** Fields nested in fields, fragments counted where they are spread. */
  readonly depth: number;
  readonly aliases: number;
  /** Fields of the root, fragments expanded: each alias of `me` is another call to every agency. */
  readonly rootFields: number;
  /** Selections when every fragment is expanded where it is spread. */
  readonly selections: number;
  readonly directives: number;
  readonly operations: number;
  readonly variables: number;
  /** Characters of names and texts in the variables, and their nesting. */
  readonly variableSize: number;
  readonly variableDepth: number;
  /** Whether an alias or variable may have a name that GraphQL or federation keeps for itself (`__proto__`, `__typename`). */
  readonly reservedNames: boolean;
}

/** The hub's limits: far above a query over every dataset of five agencies. */
export const LIMITS: Limits = {
  bodyBytes: 128 * 1024,
  tokens: 6_000,
  depth: 16,
  aliases: 60,
  rootFields: 8,
  selections: 2_000,
  directives: 60,
  operations: 1,
  variables: 40,
  variableSize: 16_384,
  variableDepth: 8,
  reservedNames: false,
};

/** For the conformance door's `--no-limits`. */
export const NO_LIMITS: Limits = {
  bodyBytes: 64 * 1024 * 1024,
  tokens: Infinity,
  depth: Infinity,
  aliases: Infinity,
  rootFields: Infinity,
  selections: Infinity,
  directives: Infinity,
  operations: Infinity,
  variables: Infinity,
  variableSize: Infinity,
  variableDepth: Infinity,
  reservedNames: true,
};

/** What one selection set comes to, fragments expanded. */
interface Weight {
  readonly selections: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
}

/**
 * Throws OPERATION_TOO_LARGE naming the limit, OPERATION_INVALID for a fragment that spreads itself. Linear in the document: each fragment is
 * weighed once, however often it is spread.
 */
export function checkLimits(document: DocumentNode, limits: Limits): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operations = 0;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) {
      operations += 1;
      within('variables', definition.variableDefinitions?.length ?? 0, limits.variables);
      for (const { variable } of definition.variableDefinitions ?? []) checkName(variable.name.value, limits);
    }
  }
  within('operations', operations, limits.operations);
  const weigh = scales(fragments, limits);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) weigh(definition.selectionSet);
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const weight = weigh(definition.selectionSet);
    within('root fields', weight.rootFields, limits.rootFields);
    within('directives', weight.directives + (definition.directives?.length ?? 0), limits.directives);
  }
}

function scales(fragments: ReadonlyMap<string, FragmentDefinitionNode>, limits: Limits): (set: SelectionSetNode) => Weight {
  const known = new Map<string, Weight | 'OPEN'>();

  function weighFragment(name: string): Weight {
    const weight = known.get(name);
    if (weight === 'OPEN') throw new HubError('OPERATION_INVALID', `Fragment "${name}" spreads itself.`);
    if (weight !== undefined) return weight;
    const fragment = fragments.get(name);
    if (fragment === undefined) return NOTHING;
    known.set(name, 'OPEN');
    const found = weigh(fragment.selectionSet, 1);
    known.set(name, found);
    return found;
  }

  function weigh(set: SelectionSetNode, nesting: number): Weight {
    // Inline fragments nest too, without depth: this bounds the recursion itself.
    within('levels of nesting', nesting, 2 * limits.depth + 1);
    let [selections, depth, aliases, directives, rootFields] = [0, 0, 0, 0, 0];
    for (const selection of set.selections) {
      selections += 1;
      directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        rootFields += 1;
        if (selection.alias !== undefined) {
          aliases += 1;
          checkName(selection.alias.value, limits);
        }
      }
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? weighFragment(selection.name.value)
          : selection.selectionSet === undefined
            ? NOTHING
            : weigh(selection.selectionSet, nesting + 1);
      selections += inner.selections;
      aliases += inner.aliases;
      directives += inner.directives;
      depth = Math.max(depth, inner.depth + (selection.kind === Kind.FIELD ? 1 : 0));
      if (selection.kind !== Kind.FIELD) rootFields += inner.rootFields;
    }
    within('levels of fields', depth, limits.depth);
    within('aliases', aliases, limits.aliases);
    within('directives', directives, limits.directives);
    within('selections', selections, limits.selections);
    return { selections, depth, aliases, directives, rootFields };
  }
  return (set) => weigh(set, 1);
}

const NOTHING: Weight = { selections: 0, depth: 0, aliases: 0, directives: 0, rootFields: 0 };

function checkName(name: string, { reservedNames }: Limits): void {
  if (reservedNames) return;
  if (name.startsWith('__'))
    throw new HubError('OPERATION_INVALID', 'An alias or variable must not begin with "__": such names are GraphQL\'s own.');
  if (name === 'representations') throw new HubError('OPERATION_INVALID', 'The name "representations" is kept for federation.');
}

function within(what: string, weight: number, most: number): void {
  if (weight > most) throw new HubError('OPERATION_TOO_LARGE', `More than ${most} ${what}.`);
}

/** Size and nesting of the variables, walked without recursion. Throws OPERATION_TOO_LARGE. */
export function checkVariables(variables: Readonly<Record<string, unknown>> | undefined, limits: Limits): void {
  if (variables === undefined) return;
  let size = 0;
  const open: [value: unknown, depth: number][] = [[variables, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next;
    size += typeof value === 'string' ? value.length + 2 : 4;
    within('characters in variables', size, limits.variableSize);
    if (typeof value !== 'object' || value === null) continue;
    within('levels in variables', depth, limits.variableDepth);
    for (const [name, member] of Object.entries(value)) {
      size += Array.isArray(value) ? 1 : name.length + 3;
      open.push([member, depth + 1]);
    }
  }
}
