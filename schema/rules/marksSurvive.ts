import { isObjectType, type ASTNode } from 'graphql';
import { coordinateOf, directiveOf, found, type Finding } from '../agency.ts';
import { canonicalJson } from '../canonical.ts';
import type { Composed, ComposedRule } from '../composed.ts';
import { argumentsOf } from '../datasetMark.ts';

type Directives = Parameters<typeof directiveOf>[0];

/**
 * The lint refuses a directive lost or narrowed in composition: each agency's marks are compared with the supergraph's, both ways. A mark lost
 * would fail open; a mark that nobody wrote (two definitions of one type merged) would open what its agency closed.
 */
export const marksSurvive: ComposedRule = function* (composed) {
  for (const object of composed.agencies.flatMap((agency) => [...agency.objects.values()])) {
    const [node] = object.nodes;
    const type = composed.supergraph.schema.getType(object.name);
    if (node === undefined) continue;
    if (!isObjectType(type)) {
      yield found(node, object.name, 'it is not in the supergraph.');
      continue;
    }
    // DataSubject is every agency's: it carries no mark, its fields neither.
    if (object.name !== 'DataSubject') yield* compare(composed, 'dataset', node, object.name, object, type.astNode);
    for (const field of object.fields) {
      const coordinate = coordinateOf(object, field);
      const merged = type.getFields()[field.name.value];
      if (merged === undefined) yield found(field, coordinate, 'it is not in the supergraph.');
      else yield* compare(composed, 'personal', field, coordinate, field, merged.astNode);
    }
  }
};

function* compare(
  { supergraph }: Composed,
  name: string,
  node: ASTNode,
  what: string,
  written: Directives,
  merged: Directives | null | undefined,
): Iterable<Finding> {
  const mark = directiveOf(written, name);
  const before = mark === undefined ? [] : [argumentsOf(mark)];
  const after = supergraph.applied(name, merged);
  if (canonicalJson(before) !== canonicalJson(after)) {
    yield found(node, what, `@${name} is ${canonicalJson(before)} here and ${canonicalJson(after)} in the supergraph.`);
  }
}
