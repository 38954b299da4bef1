import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, visit, type DocumentNode, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import { clientFields, shownAs, type Client } from './clientFields.ts';
import type { JoinMarks } from './joinMarks.ts';
import { changeAt, fieldsIn, keyOf, operationOf, type OpenFetch, type Variables } from './openPlan.ts';

/** A field of a fetch that requires another one with arguments. */
interface Need {
  readonly fetch: OpenFetch;
  readonly type: string;
  /** The field that requires. */
  readonly field: FieldNode;
  /** Names from the entity to the required field. */
  readonly place: readonly string[];
  readonly required: FieldNode;
}

/**
 * What is required with arguments is kept under the field's name, where the client's own choice of arguments, or another requirement's, is kept too: one of
 * them is lost. Where they differ, each requirement gets a name of its own in the fetch that brings it, and is sent under the field's name by a fetch of its own.
 */
export function mendRequires(marks: JoinMarks, client: Client, variables: Variables, fetches: readonly OpenFetch[]): void {
  const groups = new Map<string, Need[]>();
  for (const need of fetches.flatMap((fetch) => needsOf(marks, fetch))) {
    const at = [...need.fetch.path, ...need.place].join('.');
    groups.set(at, [...(groups.get(at) ?? []), need]);
  }
  const names = new Map<Need, string>();
  for (const [at, needs] of groups)
    nameApart(at.split('.'), needs, clientFields(client.document, client.operationName, at.split('.')), fetches, names);
  for (const fetch of fetches) {
    const named = [...names].filter(([need]) => need.fetch === fetch);
    if (named.length > 0) fetch.parts = split(fetch, named, variables);
  }
}

function needsOf(marks: JoinMarks, fetch: OpenFetch): Need[] {
  const [entities, ...others] = entityFragments(fetch);
  if (entities === undefined || others.length > 0) return [];
  return fieldsIn(entities.set).flatMap((field) => {
    const set = marks.requires(entities.type, field.name.value, fetch.node.serviceName);
    return set === null ? [] : withArguments(set, []).map((found) => ({ fetch, type: entities.type, field, ...found }));
  });
}

function withArguments(set: SelectionSetNode, above: readonly string[]): Pick<Need, 'place' | 'required'>[] {
  return fieldsIn(set).flatMap((field) => {
    const place = [...above, field.name.value];
    const below = field.selectionSet === undefined ? [] : withArguments(field.selectionSet, place);
    return (field.arguments ?? []).length === 0 ? below : [{ place, required: field }, ...below];
  });
}

function entityFragments({ document, requires }: OpenFetch): readonly { readonly type: string; readonly set: SelectionSetNode }[] {
  const [operation] = document.definitions;
  if (requires === undefined || operation?.kind !== Kind.OPERATION_DEFINITION) return [];
  const [entities] = fieldsIn(operation.selectionSet);
  return (entities?.selectionSet?.selections ?? []).flatMap((each) =>
    each.kind === Kind.INLINE_FRAGMENT ? [{ type: each.typeCondition?.name.value ?? '', set: each.selectionSet }] : [],
  );
}

/** Gives each requirement at one place a name of its own, if they or the client's fields there differ, and the plan lets it. */
function nameApart(
  at: readonly string[],
  needs: readonly Need[],
  client: ReadonlyMap<string, FieldNode>,
  fetches: readonly OpenFetch[],
  names: Map<Need, string>,
): void {
  const variants = new Map(needs.map(({ required }) => [shownAs(required), required]));
  const differ = variants.size > 1 || (client.size > 0 && [...variants.keys()].some((variant) => !client.has(variant)));
  // Other fetches go on from there: whose objects they are cannot be told.
  if (!differ || fetches.some(({ path }) => at.every((key, index) => path[index] === key))) return;
  const first = Math.min(...needs.map(({ fetch }) => fetches.indexOf(fetch)));
  const above = at.slice(0, -1);
  const order = [...variants.keys()];
  for (const before of fetches.slice(0, first).reverse()) {
    if (!before.path.every((key, index) => above[index] === key)) continue;
    const lost = [...client].filter(([shown]) => !fetches.some((fetch) => asks(fetch, at, shown))).map(([, field]) => field);
    let able = true;
    const document = changeAt(before, above.slice(before.path.length), (set) => {
      const known = fieldsIn(set).find((field) => keyOf(field) === at.at(-1));
      if (known === undefined || [...variants.values(), ...lost].some((wanted) => !covers(known, wanted))) {
        able = false;
        return set;
      }
      const added = [...variants].map(([variant, field], index): FieldNode => ({
        ...(shownAs(known) === variant ? known : field),
        alias: { kind: Kind.NAME, value: nameOf(field, index) },
      }));
      const others = set.selections.filter((each) => each !== known || client.has(shownAs(known)));
      return { ...set, selections: [...others, ...added, ...lost.map((field) => ({ ...field, directives: [] }))] };
    });
    if (document === null || !able) continue;
    before.document = document;
    for (const need of needs) names.set(need, nameOf(need.required, order.indexOf(shownAs(need.required))));
    return;
  }
}

/** Whether a fetch asks for this field, with these arguments, at this place. */
function asks(fetch: OpenFetch, at: readonly string[], shown: string): boolean {
  if (!fetch.path.every((key, index) => at[index] === key)) return false;
  let found = false;
  changeAt(fetch, at.slice(fetch.path.length, -1), (set) => {
    found ||= fieldsIn(set).some((field) => keyOf(field) === at.at(-1) && shownAs(field) === shown);
    return set;
  });
  return found;
}

const nameOf = ({ name }: FieldNode, index: number): string => `required${index}_${name.value}`;

/** Whether what is asked below one field holds all that is asked below the other: then the same subgraph can answer it. */
function covers(known: FieldNode, wanted: FieldNode): boolean {
  return (
    known.name.value === wanted.name.value &&
    fieldsIn(wanted.selectionSet ?? EMPTY).every((field) => {
      const same = fieldsIn(known.selectionSet ?? EMPTY).find((each) => keyOf(each) === field.name.value);
      return same !== undefined && covers(same, field);
    })
  );
}

const EMPTY: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

/** The fetches in place of one whose requirements have names of their own: fields with the same names for the same places go together. */
function split(fetch: OpenFetch, named: readonly (readonly [Need, string])[], variables: Variables): FetchNode[] {
  const places = new Map(named.map(([need]) => [need.place.join('.'), need.place]));
  const parts: { readonly names: Map<string, string>; readonly fields: Set<FieldNode> }[] = [];
  const [entities] = entityFragments(fetch);
  for (const field of fieldsIn(entities?.set ?? EMPTY)) {
    const own = named.filter(([need]) => need.field === field).map(([need, name]): [string, string] => [need.place.join('.'), name]);
    const fits = (names: Map<string, string>) => own.every(([place, name]) => (names.get(place) ?? name) === name);
    let part = parts.find(({ names }) => fits(names));
    if (part === undefined) parts.push((part = { names: new Map(), fields: new Set() }));
    part.fields.add(field);
    for (const [place, name] of own) part.names.set(place, name);
  }
  const type = entities?.type ?? '';
  return parts.map(({ names, fields }) => {
    const renames = [...names].map(([place, name]) => ({ place: places.get(place) ?? [], name }));
    return {
      ...fetch.node,
      ...operationOf(withOnly(fetch.document, fields), variables),
      requires: (fetch.requires ?? []).map((each) =>
        each.kind === 'InlineFragment' ? { ...each, selections: renamed(each.selections, [], places, names) } : each,
      ),
      inputRewrites: [
        ...(fetch.node.inputRewrites ?? []),
        ...renames.map(({ place, name }) => ({
          kind: 'KeyRenamer' as const,
          path: [`... on ${type}`, ...place.slice(0, -1), name],
          renameKeyTo: place.at(-1) ?? '',
        })),
      ],
    };
  });
}

/** The fetch with these fields of its entities. */
function withOnly(document: DocumentNode, fields: ReadonlySet<FieldNode>): DocumentNode {
  return visit(document, {
    [Kind.INLINE_FRAGMENT](fragment, _key, _parent, path) {
      if (path.length !== FRAGMENTS_OF_ENTITIES) return undefined;
      const selections = fragment.selectionSet.selections.filter((each: SelectionNode) => each.kind !== Kind.FIELD || fields.has(each));
      return { ...fragment, selectionSet: { ...fragment.selectionSet, selections } };
    },
  });
}

/** definitions, 0, selectionSet, selections, 0, selectionSet, selections, n. */
const FRAGMENTS_OF_ENTITIES = 8;

/** What is sent of an entity, with required fields under their own names; those that this part does not need are left out. */
function renamed(
  selections: readonly QueryPlanSelectionNode[],
  above: readonly string[],
  places: ReadonlyMap<string, readonly string[]>,
  names: ReadonlyMap<string, string>,
): QueryPlanSelectionNode[] {
  return selections.flatMap((each): QueryPlanSelectionNode[] => {
    if (each.kind === 'InlineFragment') return [{ ...each, selections: renamed(each.selections, above, places, names) }];
    const place = [...above, each.name];
    const key = place.join('.');
    const name = names.get(key) ?? each.name;
    if (places.has(key) && !names.has(key)) return [];
    if (each.selections === undefined) return [{ ...each, name }];
    const below = renamed(each.selections, place, places, names);
    return below.length === 0 ? [] : [{ ...each, name, selections: below }];
  });
}
