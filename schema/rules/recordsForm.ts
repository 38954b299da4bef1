import { Kind, print, type FieldDefinitionNode } from 'graphql';
import { coordinateOf, directiveOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';

/** Many records: `records(first: Int, after: String)`, the only field of a dataset's root, a list of objects; no other field has that name, since a path leaves it out. */
export const recordsForm: AgencyRule = function* (agency) {
  for (const { parent, field, target } of fieldsBelow(agency)) {
    if (field.name.value !== 'records') continue;
    const coordinate = coordinateOf(parent, field);
    if (directiveOf(parent, 'dataset') === undefined) {
      yield found(field, coordinate, 'only a dataset\'s root has "records", since paths leave it out. Choose another name.');
      continue;
    }
    if (parent.fields.length > 1)
      yield found(field, coordinate, 'it is not the only field of the root. Move the others into the record or another dataset.');
    if (!isList(field) || target === null) yield found(field, coordinate, 'it is no list of objects.');
    const form = (field.arguments ?? []).map((argument) => `${argument.name.value}: ${print(argument.type)}`).join(', ');
    if (form !== 'first: Int, after: String')
      yield found(field, coordinate, `its arguments are (${form}), and must be (first: Int, after: String).`);
  }
};

function isList(field: FieldDefinitionNode): boolean {
  const type = field.type.kind === Kind.NON_NULL_TYPE ? field.type.type : field.type;
  return type.kind === Kind.LIST_TYPE && (type.type.kind === Kind.NAMED_TYPE || type.type.kind === Kind.NON_NULL_TYPE);
}
