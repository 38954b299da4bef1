import { Kind } from 'graphql';
import { coordinateOf, directiveOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';
import { argumentsOf, datasetMarks, stringsOf } from '../datasetMark.ts';
import { identityMethod } from '../identityMethods.ts';

/**
 * Special-category data (PDPA §6) is opened by the citizen certificate or the NHI card only, whichever the dataset accepts: a special dataset
 * accepts no other, and a special leaf in an ordinary dataset has at least one of them.
 */
export const specialMethods: AgencyRule = function* (agency) {
  const strong = (method: string) => identityMethod(method)?.opensSpecial === true;
  const open = new Map<string, boolean>();
  for (const { root, directive, args } of datasetMarks(agency)) {
    const methods = stringsOf(args['methods'] ?? []);
    open.set(root.name, methods.some(strong));
    const weak = methods.filter((method) => !strong(method));
    if (args['special'] === true && weak.length > 0)
      yield found(directive, root.name, `a special dataset does not accept ${weak.join(', ')}.`);
  }
  let dataset = '';
  for (const { parent, field } of fieldsBelow(agency)) {
    if (parent.name === 'DataSubject' && field.type.kind === Kind.NAMED_TYPE) dataset = field.type.name.value;
    const personal = directiveOf(field, 'personal');
    if (personal !== undefined && argumentsOf(personal)['special'] === true && open.get(dataset) === false) {
      yield found(field, coordinateOf(parent, field), `it is special, and ${dataset} accepts no method that opens it.`);
    }
  }
};
