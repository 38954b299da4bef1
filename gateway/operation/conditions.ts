import { Kind, visit, type DirectiveNode, type DocumentNode } from 'graphql';

/** Values of the variables that decide @skip and @include, by name. */
export type ConditionValues = Readonly<Record<string, unknown>>;

/** Names of the variables in any @skip or @include of the document, sorted. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    [Kind.DIRECTIVE](directive) {
      const condition = isCondition(directive) ? ifArgument(directive) : undefined;
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return [...names].sort();
}

/** Whether a selection with these directives runs under these values (GraphQL §3.13.1 and §3.13.2: it runs unless skipped, and if included). */
export function runs(directives: readonly DirectiveNode[] | undefined, values: ConditionValues): boolean {
  return (directives ?? []).every(
    (directive) => !isCondition(directive) || isTrue(directive, values) === (directive.name.value === 'include'),
  );
}

function isCondition(directive: DirectiveNode): boolean {
  return directive.name.value === 'skip' || directive.name.value === 'include';
}

function ifArgument(directive: DirectiveNode) {
  return directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
}

function isTrue(directive: DirectiveNode, values: ConditionValues): boolean {
  const condition = ifArgument(directive);
  if (condition?.kind === Kind.BOOLEAN) return condition.value;
  return condition?.kind === Kind.VARIABLE && Object.hasOwn(values, condition.name.value) && values[condition.name.value] === true;
}
