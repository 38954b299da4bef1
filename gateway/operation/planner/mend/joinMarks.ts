import { Kind, parse, type ConstDirectiveNode, type DocumentNode, type SelectionSetNode } from 'graphql';

/** What a supergraph says of keys and of what fields require, per subgraph: the planner reads it too, and not all of it. */
export interface JoinMarks {
  /** Keys by which a subgraph finds entities of this type. */
  readonly keys: (type: string, subgraph: string) => readonly SelectionSetNode[];
  /** What a subgraph requires of others for a field; null: nothing. */
  readonly requires: (type: string, field: string, subgraph: string) => SelectionSetNode | null;
  /** Whether a subgraph answers this field by itself. */
  readonly serves: (type: string, field: string, subgraph: string) => boolean;
  /** Whether there is a key that finds nothing, or anything is required with arguments: else every plan is good as it is. */
  readonly matter: boolean;
}

interface FieldMark {
  readonly graph: string | undefined;
  readonly requires: SelectionSetNode | null;
  readonly external: boolean;
}

/** Reads them from a sound supergraph. */
export function readJoinMarks(supergraphSdl: string): JoinMarks {
  const document = parse(supergraphSdl, { noLocation: true });
  const names = graphNames(document);
  const keys = new Map<string, SelectionSetNode[]>();
  const types = new Set<string>();
  const fields = new Map<string, FieldMark[]>();
  let matter = false;
  for (const type of document.definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const mark of marksOf(type.directives, 'join__type')) {
      const place = `${type.name.value} ${names.get(mark['graph'] ?? '') ?? ''}`;
      types.add(place);
      if (mark['resolvable'] === 'false') matter = true;
      else if (mark['key'] !== undefined) keys.set(place, [...(keys.get(place) ?? []), fieldSetOf(mark['key'])]);
    }
    for (const field of type.fields ?? []) {
      const marks = marksOf(field.directives, 'join__field').map((mark): FieldMark => {
        const requires = mark['requires'] === undefined ? null : fieldSetOf(mark['requires']);
        if (mark['requires']?.includes('(') === true) matter = true;
        return { graph: names.get(mark['graph'] ?? ''), requires, external: mark['external'] === 'true' };
      });
      fields.set(`${type.name.value}.${field.name.value}`, marks);
    }
  }
  return {
    keys: (type, subgraph) => keys.get(`${type} ${subgraph}`) ?? [],
    requires: (type, field, subgraph) =>
      fields.get(`${type}.${field}`)?.find(({ graph, requires }) => graph === subgraph && requires !== null)?.requires ?? null,
    serves(type, field, subgraph) {
      const marks = fields.get(`${type}.${field}`);
      if (marks === undefined || !types.has(`${type} ${subgraph}`)) return false;
      return marks.length === 0 || marks.some(({ graph, external, requires }) => graph === subgraph && !external && requires === null);
    },
    matter,
  };
}

/** The fields of a `@key` or `@requires`. */
function fieldSetOf(text: string): SelectionSetNode {
  const [operation] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('A set of fields is one selection.');
  return operation.selectionSet;
}

/** Members of join__Graph → names of subgraphs. */
function graphNames(document: DocumentNode): ReadonlyMap<string, string> {
  const graphs = document.definitions.find(
    (definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph',
  );
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return new Map(values.map((value) => [value.name.value, marksOf(value.directives, 'join__graph')[0]?.['name'] ?? value.name.value]));
}

/** Each application of a directive: its arguments as texts. */
function marksOf(directives: readonly ConstDirectiveNode[] | undefined, name: string): Record<string, string | undefined>[] {
  return (directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map(({ arguments: args = [] }) =>
      Object.fromEntries(args.map(({ name: { value: key }, value }) => [key, 'value' in value ? String(value.value) : ''])),
    );
}
