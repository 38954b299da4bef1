import { coordinateOf, directiveOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';
import { argumentsOf } from '../datasetMark.ts';

/** `@personal(special: Boolean, thirdParty: Boolean)` marks leaves: on an object it would look as if everything below were marked, and nothing is. */
export const personalOnLeaves: AgencyRule = function* (agency) {
  for (const { parent, field, target } of fieldsBelow(agency)) {
    const personal = directiveOf(field, 'personal');
    if (personal === undefined) continue;
    const coordinate = coordinateOf(parent, field);
    if (target !== null) yield found(field, coordinate, `@personal marks leaves. Mark the leaves of ${target.name} that it is true of.`);
    const args = argumentsOf(personal);
    if (args['special'] !== true && args['thirdParty'] !== true)
      yield found(field, coordinate, '@personal says nothing here: give special: true or thirdParty: true, or take it out.');
  }
};
