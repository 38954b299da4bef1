import { Kind, parse, Source, type ConstDirectiveNode, type DefinitionNode } from 'graphql';
import { found, type Finding } from '../agency.ts';
import { argumentsOf } from '../datasetMark.ts';
import type { SubgraphSource } from '../subgraphSources.ts';

/** Refused by the lint: anything renamed by `@link(as:)`, the spec or an import. A rule that looks for a name would not see it (CVE-2025-64347). Read on a subgraph as it is composed, prelude and hub included. */
export function* nothingRenamed(source: SubgraphSource): Iterable<Finding> {
  for (const definition of parse(new Source(source.sdl, source.name)).definitions) {
    for (const link of linksOf(definition)) {
      const args = argumentsOf(link);
      const imports: readonly unknown[] = Array.isArray(args['import']) ? args['import'] : [];
      if (args['as'] !== undefined) yield found(link, String(args['url']), '@link(as:) renames a spec. Take "as" out.');
      for (const name of imports) {
        if (typeof name !== 'string')
          yield found(link, String(args['url']), `@link(import: ${JSON.stringify(name)}) renames an import. Give its own name.`);
      }
    }
  }
}

function linksOf(definition: DefinitionNode): readonly ConstDirectiveNode[] {
  const isSchema = definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION;
  return isSchema ? (definition.directives ?? []).filter((directive) => directive.name.value === 'link') : [];
}
