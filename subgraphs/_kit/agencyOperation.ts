import {
  Kind,
  OperationTypeNode,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { sha256 } from '../../schema/canonical.ts';
import type { DatasetShape } from './datasetShape.ts';

/** What an agency's operation may be: entities of a subject, or its own SDL. */
export type OperationKind = 'ENTITIES' | 'SERVICE' | 'OTHER';

/** An operation, read once per text. */
export interface AgencyOperation {
  readonly kind: OperationKind;
  /** SHA-256 of its text, base64url. */
  readonly hash: string;
  readonly document: DocumentNode;
  /** Every leaf that it selects, whatever its directives say. */
  readonly fields: readonly (readonly [dataset: string, path: string])[];
  /** Datasets that it touches. */
  readonly datasets: ReadonlySet<string>;
  /** Whether some object is selected without any leaf below: its presence would tell without being named. */
  readonly bare: boolean;
  /** Whether it says `__proto__` anywhere, as an alias say. */
  readonly namesPrototype: boolean;
}

/** Tokens of one operation. The gateway's own are far below. */
const MAX_TOKENS = 5000;

/** Reads an operation's text against the agency's schema; null when it is no valid operation on it. */
export function readAgencyOperation(query: string, schema: GraphQLSchema, shapes: readonly DatasetShape[]): AgencyOperation | null {
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch {
    return null;
  }
  const kind = kindOf(document);
  if (kind !== 'OTHER' && validate(schema, document).length > 0) return null;
  const selected = kind === 'ENTITIES' ? selection(document, schema, shapes) : { leaves: [], objects: [] };
  return {
    kind,
    hash: sha256(query),
    document,
    namesPrototype: query.includes('__proto__'),
    fields: selected.leaves,
    datasets: new Set(selected.objects.map(([dataset]) => dataset)),
    bare: selected.objects.some(([dataset, prefix]) => !selected.leaves.some(([of, path]) => of === dataset && path.startsWith(prefix))),
  };
}

/** One query with one root field: `_entities` of the variable `representations`, or `_service`. Anything else is OTHER. */
function kindOf({ definitions }: DocumentNode): OperationKind {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const others = definitions.some(({ kind }) => kind !== Kind.OPERATION_DEFINITION && kind !== Kind.FRAGMENT_DEFINITION);
  const [operation] = operations;
  if (
    operation === undefined ||
    operations.length > 1 ||
    others ||
    operation.operation !== OperationTypeNode.QUERY ||
    operation.directives?.length
  )
    return 'OTHER';
  const root = onlyField(operation.selectionSet);
  if (root === null || root.directives?.length) return 'OTHER';
  if (root.name.value === '_service') return 'SERVICE';
  const [argument, more] = root.arguments ?? [];
  const bound =
    argument?.name.value === 'representations' && argument.value.kind === Kind.VARIABLE && argument.value.name.value === 'representations';
  return root.name.value === '_entities' && root.alias === undefined && bound && more === undefined ? 'ENTITIES' : 'OTHER';
}

function onlyField({ selections }: SelectionSetNode): FieldNode | null {
  const [root, more] = selections;
  return root?.kind === Kind.FIELD && more === undefined ? root : null;
}

type Place = readonly [dataset: string, path: string];

/** Leaves and objects of a valid operation. An object type stands at one path only, so a fragment is read once, wherever it is spread. */
function selection(document: DocumentNode, schema: GraphQLSchema, shapes: readonly DatasetShape[]): { leaves: Place[]; objects: Place[] } {
  const places = new Map(shapes.flatMap(({ id, prefixes }) => [...prefixes].map(([type, prefix]) => [type, [id, prefix] as const])));
  const leaves = new Map<string, Place>();
  const objects = new Map<string, Place>();
  const types = new TypeInfo(schema);
  const enter = (node: FieldNode): void => {
    const parent = types.getParentType();
    const name = node.name.value;
    const below = node.selectionSet === undefined ? undefined : places.get(typeNameOf(types));
    if (below !== undefined) objects.set(below.join('\0'), below);
    const here = parent && places.get(parent.name);
    if (here === undefined || here === null || node.selectionSet !== undefined || name === '__typename') return;
    leaves.set(`${here[0]}\0${here[1]}${name}`, [here[0], `${here[1]}${name}`]);
  };
  visit(document, visitWithTypeInfo(types, { Field: { enter } }));
  return { leaves: [...leaves.values()], objects: [...objects.values()] };
}

/** Name of the type that the field at hand returns, lists unwrapped. */
function typeNameOf(types: TypeInfo): string {
  return String(types.getType() ?? '').replace(/[[\]!]/g, '');
}
