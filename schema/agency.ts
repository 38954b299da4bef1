import { getLocation, GraphQLError, Kind, parse, Source } from 'graphql';
import type {
  ASTNode,
  ConstDirectiveNode,
  DefinitionNode,
  FieldDefinitionNode,
  ObjectTypeDefinitionNode,
  ObjectTypeExtensionNode,
  TypeNode,
} from 'graphql';
import { HubError } from './errors.ts';
import type { SdlFile } from './subgraphSources.ts';

/** An object type as one agency writes it, definition and extensions together. */
export interface AgencyObject {
  readonly name: string;
  readonly nodes: readonly (ObjectTypeDefinitionNode | ObjectTypeExtensionNode)[];
  readonly fields: readonly FieldDefinitionNode[];
  readonly directives: readonly ConstDirectiveNode[];
}

/** One agency's own files, without the prelude: what the contract lint reads. */
export interface Agency {
  readonly id: string;
  readonly definitions: readonly DefinitionNode[];
  readonly objects: ReadonlyMap<string, AgencyObject>;
}

/** A breach of the contract: where it stands, what is meant, and what to do about it. */
export interface Finding {
  /** `<file>:<line>`, or the name of what is not in a file. */
  readonly at: string;
  /** A coordinate, or the name of what breaks the rule. */
  readonly what: string;
  readonly message: string;
}

export type AgencyRule = (agency: Agency) => Iterable<Finding>;

/** A field below DataSubject, with the way that leads to it. */
export interface Place {
  readonly parent: AgencyObject;
  readonly field: FieldDefinitionNode;
  /** Field names from DataSubject on. */
  readonly path: readonly string[];
  /** The object type that it returns, if the agency defines one of that name. */
  readonly target: AgencyObject | null;
  /** Whether this is the first way to its target, another one, or one that goes in a circle. */
  readonly arrival: 'FIRST' | 'AGAIN' | 'CIRCLE';
}

/** Reads an agency's files. Throws CONTRACT_BROKEN with file and line when one is not SDL. */
export function readAgency(id: string, files: readonly SdlFile[]): Agency {
  const definitions = files.flatMap((file) => parseFile(file));
  const nodes = new Map<string, (ObjectTypeDefinitionNode | ObjectTypeExtensionNode)[]>();
  for (const node of definitions) {
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) {
      nodes.set(node.name.value, [...(nodes.get(node.name.value) ?? []), node]);
    }
  }
  const objects = [...nodes].map(([name, parts]) => {
    const fields = parts.flatMap((part) => part.fields ?? []);
    return [name, { name, nodes: parts, fields, directives: parts.flatMap((part) => part.directives ?? []) }] as const;
  });
  return { id, definitions, objects: new Map(objects) };
}

function parseFile(file: SdlFile): readonly DefinitionNode[] {
  if (file.text.replace(/#.*$/gm, '').trim() === '') return [];
  try {
    return parse(new Source(file.text, file.path)).definitions;
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof GraphQLError ? cause.toString() : file.path, { cause });
  }
}

/** Every field below DataSubject, DataSubject's own first; an object type is entered once, however many ways lead to it. */
export function fieldsBelow(agency: Agency): Place[] {
  const places: Place[] = [];
  const entered = new Set<string>();
  const enter = (parent: AgencyObject, path: readonly string[], ancestors: readonly string[]) => {
    for (const field of parent.fields) {
      const name = namedType(field.type);
      const target = agency.objects.get(name) ?? null;
      const arrival = ancestors.includes(name) ? 'CIRCLE' : entered.has(name) ? 'AGAIN' : 'FIRST';
      const here = [...path, field.name.value];
      places.push({ parent, field, path: here, target, arrival });
      if (target === null || arrival !== 'FIRST') continue;
      entered.add(name);
      enter(target, here, [...ancestors, name]);
    }
  };
  const subject = agency.objects.get('DataSubject');
  if (subject !== undefined) enter(subject, [], ['DataSubject']);
  return places;
}

/** The name inside lists and non-null marks. */
export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/** `Type.field`. */
export function coordinateOf(parent: { readonly name: string }, field: FieldDefinitionNode): string {
  return `${parent.name}.${field.name.value}`;
}

export function directiveOf(
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): ConstDirectiveNode | undefined {
  return node.directives?.find((directive) => directive.name.value === name);
}

/** A finding at a node's file and line. */
export function found(node: ASTNode, what: string, message: string): Finding {
  const at = node.loc === undefined ? 'unknown' : `${node.loc.source.name}:${getLocation(node.loc.source, node.loc.start).line}`;
  return { at, what, message };
}
