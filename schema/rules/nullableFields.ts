import { Kind } from 'graphql';
import { coordinateOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';

/** Every field below DataSubject, object or leaf, is nullable in its outer position: a refused field is written as null, and a non-null one would take its parent along. */
export const nullableFields: AgencyRule = function* (agency) {
  for (const { parent, field } of fieldsBelow(agency)) {
    if (field.type.kind === Kind.NON_NULL_TYPE)
      yield found(field, coordinateOf(parent, field), 'take the outer "!" away: a refusal is written as null.');
  }
};
