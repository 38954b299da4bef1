import { found, type AgencyRule } from '../agency.ts';
import { datasetMarks, textOf } from '../datasetMark.ts';

const DATASET_ID = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/;

/** Refused by the lint: a dataset id that does not begin with the agency's id. Ids are lower case, dotted, each used once; the unit is the agency or one of its own. */
export const datasetIds: AgencyRule = function* (agency) {
  const seen = new Map<string, string>();
  for (const { root, directive, args } of datasetMarks(agency)) {
    const id = textOf(args['id']);
    const unit = textOf(args['unit']);
    if (!id.startsWith(`${agency.id}.`))
      yield found(directive, root.name, `dataset id "${id}" does not begin with its agency: "${agency.id}.…".`);
    else if (!DATASET_ID.test(id))
      yield found(directive, root.name, `dataset id "${id}" is not lower case and dotted, like "mohw.low-income".`);
    if (unit !== agency.id && !unit.startsWith(`${agency.id}.`))
      yield found(directive, root.name, `unit "${unit}" is not of this agency: "${agency.id}" or "${agency.id}.…".`);
    const other = seen.get(id);
    if (other !== undefined) yield found(directive, root.name, `dataset id "${id}" is already used by ${other}.`);
    seen.set(id, root.name);
  }
};
