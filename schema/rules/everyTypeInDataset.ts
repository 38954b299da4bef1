import { Kind } from 'graphql';
import { coordinateOf, directiveOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';

/** Refused by the lint: a type below DataSubject with no dataset. A dataset's root type is one object, and marked; nothing else is, and nothing is left over. */
export const everyTypeInDataset: AgencyRule = function* (agency) {
  const reached = new Set(['DataSubject', 'Query', 'Mutation', 'Subscription']);
  const roots = new Set<string>();
  for (const { parent, field, target } of fieldsBelow(agency)) {
    if (target !== null) reached.add(target.name);
    if (parent.name !== 'DataSubject') continue;
    const coordinate = coordinateOf(parent, field);
    if (target !== null) roots.add(target.name);
    if (field.name.value === 'id') continue;
    if (target === null) yield found(field, coordinate, 'it returns no object type of this agency. A field of DataSubject is a dataset.');
    else if (field.type.kind !== Kind.NAMED_TYPE)
      yield found(
        field,
        coordinate,
        `a dataset's root is one nullable object. Write ${target.name}; many records go below records(first, after).`,
      );
    else if (directiveOf(target, 'dataset') === undefined)
      yield found(field, coordinate, `${target.name} has no @dataset. Mark it, or nobody could consent to it.`);
  }
  for (const object of agency.objects.values()) {
    const [node] = object.nodes;
    if (node === undefined) continue;
    if (!reached.has(object.name)) yield found(node, object.name, 'no field leads to it from DataSubject. Use it or take it out.');
    else if (directiveOf(object, 'dataset') !== undefined && !roots.has(object.name))
      yield found(node, object.name, '@dataset stands on the type of a DataSubject field only: a dataset has no datasets within.');
  }
};
