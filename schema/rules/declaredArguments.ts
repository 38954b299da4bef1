import { print } from 'graphql';
import { coordinateOf, fieldsBelow, found, type AgencyRule } from '../agency.ts';
import { datasetMarks, stringsOf } from '../datasetMark.ts';

const KEY_TYPES = ['String', 'String!', 'ID', 'ID!'];

/** No other arguments than `records(first, after)`, except keys declared in `@dataset(keys:)` (a plate number), which stand on the dataset's field of DataSubject. */
export const declaredArguments: AgencyRule = function* (agency) {
  const keysOf = new Map(datasetMarks(agency).map(({ root, args }) => [root.name, stringsOf(args['keys'] ?? [])]));
  for (const { parent, field, target } of fieldsBelow(agency)) {
    const coordinate = coordinateOf(parent, field);
    const isDataset = parent.name === 'DataSubject';
    const keys = isDataset && target !== null ? (keysOf.get(target.name) ?? []) : [];
    if (keysOf.has(parent.name) && field.name.value === 'records') continue;
    for (const argument of field.arguments ?? []) {
      const name = argument.name.value;
      if (!keys.includes(name))
        yield found(
          argument,
          `${coordinate}(${name}:)`,
          isDataset ? 'declare it in @dataset(keys:), or take it out.' : 'a field below a dataset has no arguments.',
        );
      else if (!KEY_TYPES.includes(print(argument.type)))
        yield found(argument, `${coordinate}(${name}:)`, `a key's type is one of ${KEY_TYPES.join(', ')}.`);
    }
    for (const key of keys) {
      if (!field.arguments?.some((argument) => argument.name.value === key))
        yield found(field, `${coordinate}(${key}:)`, 'it is declared in @dataset(keys:) and is no argument here.');
    }
  }
};
