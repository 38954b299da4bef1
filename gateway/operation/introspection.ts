import { Kind, visit, BREAK, type DocumentNode } from 'graphql';
import { HubError } from '../../schema/errors.ts';

/** Throws INTROSPECTION_OFF when the document asks for the schema. `__typename` is no introspection: it is decided with its object. */
export function refuseIntrospection(document: DocumentNode): void {
  let asked = false;
  visit(document, {
    [Kind.FIELD](field) {
      asked = field.name.value === '__schema' || field.name.value === '__type';
      return asked ? BREAK : undefined;
    },
  });
  if (asked) throw new HubError('INTROSPECTION_OFF');
}
