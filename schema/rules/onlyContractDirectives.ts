import { visit, type ASTNode, type ConstDirectiveNode } from 'graphql';
import { found, type AgencyRule, type Finding } from '../agency.ts';

const ALLOWED = ['dataset', 'personal', 'deprecated'];

/** Why Apollo's own directives may not stand in an agency's SDL; a directive that is not here is refused all the same. */
const WHY: Readonly<Record<string, string>> = {
  override: "it moves another agency's field with no more than a hint",
  shareable: 'a field answered by two agencies has two marks, and one may be weaker',
  requires: "it lets one agency read another's field without a decision",
  provides: 'it lets a field be read on a way that no decision covers',
  external: 'a field belongs to one agency alone',
  fromContext: "it hands a field's value to another field without a decision",
  context: "it hands a field's value to another field without a decision",
  interfaceObject: 'fields of an interface carry no marks of ours',
  inaccessible: 'only DataSubject.id is inaccessible; leave a field out instead',
};

/**
 * Refused by the lint: `@override`, `@shareable`, `@requires`, `@provides`, `@external`, `@fromContext`, `@interfaceObject`, and every other
 * directive that is not `@dataset`, `@personal` or `@deprecated`, under whatever name (`@federation__override` too).
 */
export const onlyContractDirectives: AgencyRule = (agency) => agency.definitions.flatMap((node) => refusedIn(node));

function refusedIn(definition: ASTNode): Finding[] {
  const refused: ConstDirectiveNode[] = [];
  visit(definition, {
    Directive: (node) => {
      // `@key` has a rule of its own: oneEntity.
      if (!ALLOWED.includes(node.name.value) && !/^(federation__)?key$/.test(node.name.value)) refused.push(node as ConstDirectiveNode);
    },
  });
  return refused.map((node) => {
    const name = node.name.value;
    const why = WHY[name.replace(/^federation__/, '')] ?? 'an agency may use @dataset, @personal and @deprecated only';
    return found(node, `@${name}`, `refused: ${why}.`);
  });
}
