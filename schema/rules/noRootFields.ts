import { Kind } from 'graphql';
import { found, type AgencyRule } from '../agency.ts';

const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** Refused by the lint: root fields. An agency answers `_entities` alone, under a warrant; the hub's own subgraph owns `me`. */
export const noRootFields: AgencyRule = function* (agency) {
  for (const node of agency.definitions) {
    const isObject = node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (isObject && ROOTS.includes(node.name.value)) {
      yield found(node, node.name.value, 'an agency has no root fields. Put the data below "extend type DataSubject".');
    }
  }
};
