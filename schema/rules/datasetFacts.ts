import { found, type AgencyRule } from '../agency.ts';
import { bilingual } from '../bilingual.ts';
import { datasetMarks, stringsOf, textOf } from '../datasetMark.ts';

const REFRESH = ['realtime', 'event-driven', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'];
const FORMATS = ['json', 'csv', 'pdf', 'fhir', 'espi-xml'];
const KNOWN = ['id', 'unit', 'methods', 'refresh', 'legalBasis', 'special', 'formats', 'keys', 'awaits'];

/** `@dataset(id:, unit:, methods:, refresh:, legalBasis:)` states facts that people and machines read: each known, none misspelt. */
export const datasetFacts: AgencyRule = function* (agency) {
  for (const { root, directive, args } of datasetMarks(agency)) {
    const refresh = textOf(args['refresh']);
    if (!REFRESH.includes(refresh)) yield found(directive, root.name, `refresh "${refresh}" is not one of ${REFRESH.join(', ')}.`);
    if (bilingual(textOf(args['legalBasis'])) === null) yield found(directive, root.name, 'legalBasis must read "中文 | English".');
    for (const format of stringsOf(args['formats'] ?? [])) {
      if (!FORMATS.includes(format)) yield found(directive, root.name, `format "${format}" is not one of ${FORMATS.join(', ')}.`);
    }
    for (const name of Object.keys(args))
      if (!KNOWN.includes(name)) yield found(directive, root.name, `@dataset has no argument "${name}".`);
  }
};
