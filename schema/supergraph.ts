import {
  buildASTSchema,
  GraphQLError,
  getArgumentValues,
  isEnumType,
  parse,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { HubError } from './errors.ts';

/** The url that the prelude links: our directives, and no others under any other name. */
const CONTRACT_SPEC = 'https://mydata.example/contract/v1.0';
const CONTRACT_DIRECTIVES = ['@dataset', '@personal'];

/** A composed supergraph, read strictly: no extensions, no renamed directives, each type and field with the graphs that hold it. */
export interface Supergraph {
  readonly schema: GraphQLSchema;
  /** join__Graph value (`MOHW`) → subgraph name (`mohw`). */
  readonly graphs: ReadonlyMap<string, string>;
  /** Graphs (join__Graph values) that define a type. */
  graphsOfType(type: GraphQLNamedType): readonly string[];
  /** Graphs (join__Graph values) that answer a field. */
  graphsOfField(type: GraphQLNamedType, field: GraphQLField<unknown, unknown>): readonly string[];
  /** The arguments of each application of a directive, defaults filled in. */
  applied(
    name: string,
    node: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined,
  ): readonly Record<string, unknown>[];
}

/** The hole's path first, then why it is one. */
export function hole(path: string, why: string): never {
  throw new HubError('CONTRACT_HOLE', `${path}: ${why}.`);
}

/** Reads a supergraph as the composer wrote it. Throws CONTRACT_BROKEN when it is no schema, CONTRACT_HOLE when a directive of ours could be missed. */
export function readSupergraph(supergraphSdl: string): Supergraph {
  const { document, schema } = build(supergraphSdl);
  for (const definition of document.definitions)
    if (definition.kind.endsWith('Extension')) hole('supergraph', 'it holds a type extension, which no composer writes');
  const applied: Supergraph['applied'] = (name, node) => {
    const definition = schema.getDirective(name);
    const nodes = node?.directives?.filter((directive) => directive.name.value === name) ?? [];
    return definition ? nodes.map((directive) => getArgumentValues(definition, directive)) : [];
  };
  refuseRenaming(applied('link', schema.astNode));
  const graphsOfType: Supergraph['graphsOfType'] = (type) =>
    unique(applied('join__type', type.astNode).map((join) => String(join['graph'])));
  return {
    schema,
    graphs: graphNames(schema, applied),
    applied,
    graphsOfType,
    graphsOfField: (type, field) => {
      const joins = applied('join__field', field.astNode);
      return joins.length === 0 ? graphsOfType(type) : unique(joins.map((join) => String(join['graph'])));
    },
  };
}

function build(supergraphSdl: string): { document: DocumentNode; schema: GraphQLSchema } {
  try {
    const document = parse(supergraphSdl);
    return { document, schema: buildASTSchema(document) };
  } catch (cause) {
    throw new HubError('CONTRACT_BROKEN', cause instanceof GraphQLError || cause instanceof Error ? cause.message : 'not a supergraph', {
      cause,
    });
  }
}

/** A directive under another name would be read as absent: fail open (CVE-2025-64347). So nothing linked may have another name. */
function refuseRenaming(links: readonly Record<string, unknown>[]): void {
  for (const link of links) {
    const url = String(link['url']);
    const imports = Array.isArray(link['import']) ? (link['import'] as unknown[]) : [];
    if (link['as'] !== undefined && link['as'] !== null) hole('supergraph', `@link(url: "${url}") renames with "as"`);
    if (imports.some((name) => typeof name !== 'string')) hole('supergraph', `@link(url: "${url}") renames an import`);
    const ours = url.startsWith('https://mydata.example/');
    if (ours && (url !== CONTRACT_SPEC || CONTRACT_DIRECTIVES.some((name) => !imports.includes(name)))) {
      hole('supergraph', `@link(url: "${url}") must be ${CONTRACT_SPEC} and import ${CONTRACT_DIRECTIVES.join(' and ')}`);
    }
  }
}

function graphNames(schema: GraphQLSchema, applied: Supergraph['applied']): Map<string, string> {
  const type = schema.getType('join__Graph');
  if (!isEnumType(type)) hole('supergraph', 'it has no join__Graph: this is no supergraph');
  return new Map(type.getValues().map((value) => [value.name, String(applied('join__graph', value.astNode)[0]?.['name'])]));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
