import { Kind } from 'graphql';
import { found, type AgencyRule } from '../agency.ts';

/** Refused by the lint: `schema` and `extend schema` in an agency's files, and with them anything renamed by `@link(as:)`. The prelude is the only header. */
export const noSchemaHeader: AgencyRule = function* (agency) {
  for (const node of agency.definitions) {
    if (node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION) {
      yield found(node, 'schema', 'an agency has no schema header; schema/prelude.graphql is put before its files. Take this out.');
    }
  }
};
