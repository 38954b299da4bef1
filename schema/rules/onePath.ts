import { coordinateOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';

/** Each object type is reachable from DataSubject by exactly one path, so coordinate (`Type.field`) and path are one to one. */
export const onePath: AgencyRule = function* (agency) {
  const first = new Map<string, string>();
  for (const { parent, field, path, target, arrival } of fieldsBelow(agency)) {
    if (target === null) continue;
    if (arrival === 'FIRST') first.set(target.name, path.join('.'));
    if (arrival === 'AGAIN') {
      yield found(
        field,
        coordinateOf(parent, field),
        `${target.name} is already reached by ${first.get(target.name) ?? ''}. Define a second type for this place.`,
      );
    }
  }
};
