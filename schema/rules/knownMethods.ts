import { found, type AgencyRule } from '../agency.ts';
import { datasetMarks, stringsOf } from '../datasetMark.ts';
import { IDENTITY_METHODS, identityMethod } from '../identityMethods.ts';

/** The lint refuses an unknown identity method, and a dataset that no method opens: a misspelt one would lock people out, a missing list would let nobody in. */
export const knownMethods: AgencyRule = function* (agency) {
  for (const { root, directive, args } of datasetMarks(agency)) {
    const methods = stringsOf(args['methods'] ?? []);
    if (methods.length === 0) yield found(directive, root.name, 'methods is empty: nobody could open this dataset.');
    for (const method of methods) {
      if (identityMethod(method) === undefined)
        yield found(directive, root.name, `"${method}" is no identity method. Known: ${IDENTITY_METHODS.map(({ id }) => id).join(', ')}.`);
    }
    if (new Set(methods).size < methods.length) yield found(directive, root.name, 'methods names one twice.');
  }
};
