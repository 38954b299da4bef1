import { coordinateOf, fieldsBelow, found, namedType, type AgencyRule } from '../agency.ts';

/** The hub's own subgraph, in process, has Query and Mutation, and owns `me`: `me: DataSubject` is the only way to a data subject, and no dataset is the hub's. */
export const hubOwnsNoData: AgencyRule = function* (hub) {
  for (const { parent, field } of fieldsBelow(hub)) {
    if (parent.name === 'DataSubject' && field.name.value !== 'id')
      yield found(field, coordinateOf(parent, field), 'the hub holds no dataset.');
  }
  for (const object of hub.objects.values()) {
    for (const field of object.fields.filter((candidate) => namedType(candidate.type) === 'DataSubject')) {
      const isMe = coordinateOf(object, field) === 'Query.me' && (field.arguments ?? []).length === 0;
      if (!isMe) yield found(field, coordinateOf(object, field), 'only Query.me, without arguments, leads to DataSubject.');
    }
  }
};
