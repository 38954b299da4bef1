import { coordinateOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';

/** Refused by the lint: recursion. A type that contains itself has paths without end, and a consent could not list them. */
export const noRecursion: AgencyRule = function* (agency) {
  for (const { parent, field, target, arrival } of fieldsBelow(agency)) {
    if (arrival === 'CIRCLE' && target !== null && target.name !== 'DataSubject') {
      yield found(
        field,
        coordinateOf(parent, field),
        `${target.name} contains itself. Write out as many levels as the register has, each as a type.`,
      );
    }
  }
};
