import { coordinateOf, fieldsBelow, found, namedType, type AgencyRule } from '../agency.ts';

/** Refused by the lint: a field below a dataset that returns DataSubject. It would lead from one person's consent to another's records. */
export const noWayBack: AgencyRule = function* (agency) {
  for (const { parent, field } of fieldsBelow(agency)) {
    if (namedType(field.type) === 'DataSubject') {
      yield found(
        field,
        coordinateOf(parent, field),
        "it returns DataSubject. Give the other person's fields as third-party leaves instead.",
      );
    }
  }
};
