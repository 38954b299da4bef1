import { Kind, print } from 'graphql';
import { found, type Finding } from '../agency.ts';
import type { ComposedRule } from '../composed.ts';

/**
 * A type belongs to one agency: two of the same name would be merged into one, field by field. Agencies may write the same enum (the
 * catalogue shares some), but then word for word: merged values would become each other's.
 */
export const oneOwner: ComposedRule = function* ({ agencies, contract }) {
  const owners = new Map<string, Owner>([...contract.hubTypes].map((name) => [name, { id: 'the hub', text: '' }]));
  for (const agency of agencies) {
    for (const node of agency.definitions) {
      const isEnum = node.kind === Kind.ENUM_TYPE_DEFINITION;
      if (!isEnum && node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
      const name = node.name.value;
      const text = isEnum ? print(node) : '';
      const owner = owners.get(name) ?? { id: agency.id, text };
      owners.set(name, owner);
      const finding = owner.id === agency.id ? null : refusal(owner, isEnum, text);
      if (finding !== null) yield found(node, name, finding) satisfies Finding;
    }
  }
};

interface Owner {
  readonly id: string;
  /** An enum as it is written; "" for an object type. */
  readonly text: string;
}

function refusal(owner: Owner, isEnum: boolean, text: string): string | null {
  if (!isEnum || owner.text === '') return `${owner.id} defines a type of this name. Choose another.`;
  return owner.text === text ? null : `${owner.id} writes this enum differently. Write it word for word, or choose another name.`;
}
