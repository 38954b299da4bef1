import { Kind, visit } from 'graphql';
import { found, type AgencyRule, type Finding } from '../agency.ts';

/** One entity, `DataSubject @key(fields: "id")`, its `id: ID! @inaccessible`: the prelude defines it, agencies extend it, and there is no other. */
export const oneEntity: AgencyRule = (agency) => {
  const findings: Finding[] = [];
  for (const definition of agency.definitions) {
    visit(definition, {
      Directive: (node) => {
        if (/^(federation__)?key$/.test(node.name.value))
          findings.push(found(node, `@${node.name.value}`, 'DataSubject is the one entity. Take this key out.'));
      },
    });
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === 'DataSubject') {
      findings.push(found(definition, 'DataSubject', 'the prelude defines it. Write "extend type DataSubject".'));
    }
  }
  for (const field of agency.objects.get('DataSubject')?.fields ?? []) {
    if (field.name.value === 'id') findings.push(found(field, 'DataSubject.id', 'the prelude defines it, inaccessible. Take this out.'));
  }
  return findings;
};
