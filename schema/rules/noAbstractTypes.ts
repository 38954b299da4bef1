import { Kind } from 'graphql';
import { found, type AgencyRule } from '../agency.ts';

/** Refused by the lint: interfaces and unions. A mark on an interface's field does not reach the types that implement it (CVE-2025-64173, CVE-2025-64530). */
export const noAbstractTypes: AgencyRule = function* (agency) {
  for (const node of agency.definitions) {
    const isInterface = node.kind === Kind.INTERFACE_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_EXTENSION;
    const isUnion = node.kind === Kind.UNION_TYPE_DEFINITION || node.kind === Kind.UNION_TYPE_EXTENSION;
    if (isInterface || isUnion)
      yield found(node, node.name.value, `an agency has no ${isUnion ? 'unions' : 'interfaces'}. Write object types.`);
  }
  for (const object of agency.objects.values()) {
    for (const node of object.nodes.filter((part) => (part.interfaces ?? []).length > 0)) {
      yield found(node, object.name, 'it implements an interface, whose fields carry no marks. Take "implements" out.');
    }
  }
};
