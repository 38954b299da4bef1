import { Kind } from 'graphql';
import { coordinateOf, found, type AgencyRule } from '../agency.ts';

const isPlain = (name: string) => !name.startsWith('_') && !name.includes('__') && !(name in Object.prototype);

/** Names are plain: none begins with `_`, holds `__` (federation's own mark) or is a member of every JavaScript object, so that no name means something else to a library (CVE-2026-32621). */
export const plainNames: AgencyRule = function* (agency) {
  for (const object of agency.objects.values()) {
    for (const node of object.nodes) if (!isPlain(object.name)) yield found(node, object.name, 'choose a plain name.');
    for (const field of object.fields) {
      if (!isPlain(field.name.value)) yield found(field, coordinateOf(object, field), 'choose a plain name.');
    }
  }
  for (const node of agency.definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION && node.kind !== Kind.ENUM_TYPE_EXTENSION) continue;
    if (!isPlain(node.name.value)) yield found(node, node.name.value, 'choose a plain name.');
    for (const value of node.values ?? [])
      if (!isPlain(value.name.value)) yield found(value, `${node.name.value}.${value.name.value}`, 'choose a plain name.');
  }
};
