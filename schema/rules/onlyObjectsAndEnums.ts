import { Kind } from 'graphql';
import { found, type AgencyRule } from '../agency.ts';

/** An agency defines object types and enums; scalars are the prelude's (a scalar of its own could hide a whole record behind one leaf), and no field takes an input type. */
export const onlyObjectsAndEnums: AgencyRule = function* (agency) {
  for (const node of agency.definitions) {
    if (node.kind === Kind.SCALAR_TYPE_DEFINITION || node.kind === Kind.SCALAR_TYPE_EXTENSION) {
      yield found(node, node.name.value, 'an agency has no scalars of its own. Use Date, DateTime, YearMonth, Money or a built-in one.');
    }
    if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION || node.kind === Kind.INPUT_OBJECT_TYPE_EXTENSION) {
      yield found(node, node.name.value, 'an agency has no input types. A key is an argument with a scalar type.');
    }
  }
};
