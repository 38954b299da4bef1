import { Kind } from 'graphql';
import { coordinateOf, directiveOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';
import { bilingual } from '../bilingual.ts';

/**
 * The lint refuses a leaf without description. Descriptions (`中文 | English`) are what citizens read on the consent screen, so every field
 * below DataSubject (but `records`), every enum and every value of one has both languages.
 */
export const bilingualDescriptions: AgencyRule = function* (agency) {
  for (const { parent, field } of fieldsBelow(agency)) {
    const isRecords = field.name.value === 'records' && directiveOf(parent, 'dataset') !== undefined;
    if (!isRecords && bilingual(field.description?.value) === null) {
      yield found(
        field,
        coordinateOf(parent, field),
        'its description must read "中文 | English": citizens read it on the consent screen.',
      );
    }
  }
  for (const node of agency.definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION && node.kind !== Kind.ENUM_TYPE_EXTENSION) continue;
    if (node.kind === Kind.ENUM_TYPE_DEFINITION && bilingual(node.description?.value) === null)
      yield found(node, node.name.value, 'its description must read "中文 | English".');
    for (const value of node.values ?? []) {
      if (bilingual(value.description?.value) === null)
        yield found(value, `${node.name.value}.${value.name.value}`, 'its description must read "中文 | English".');
    }
  }
};
