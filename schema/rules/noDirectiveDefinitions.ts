import { Kind } from 'graphql';
import { found, type AgencyRule } from '../agency.ts';

/** Refused by the lint: directive definitions. Composition intersects different definitions silently, so there is one, in the prelude. */
export const noDirectiveDefinitions: AgencyRule = function* (agency) {
  for (const node of agency.definitions) {
    if (node.kind === Kind.DIRECTIVE_DEFINITION) {
      yield found(node, `@${node.name.value}`, 'directives are defined in schema/prelude.graphql only. Take this definition out.');
    }
  }
};
