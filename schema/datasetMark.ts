import { valueFromASTUntyped, type ConstDirectiveNode } from 'graphql';
import { directiveOf, type Agency, type AgencyObject } from './agency.ts';

/** A @dataset as an agency wrote it: nothing is checked yet, so each argument may be missing or of another type. */
export interface DatasetMark {
  readonly root: AgencyObject;
  readonly directive: ConstDirectiveNode;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Every @dataset of an agency. */
export function datasetMarks(agency: Agency): DatasetMark[] {
  return [...agency.objects.values()].flatMap((root) => {
    const directive = directiveOf(root, 'dataset');
    return directive === undefined ? [] : [{ root, directive, args: argumentsOf(directive) }];
  });
}

/** A directive's arguments as plain values. */
export function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries((directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]));
}

/** The strings of an argument that is a list, or a single string standing for one (as GraphQL coerces it). */
export function stringsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === 'string');
}

/** The text of an argument; "" when it is missing or no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
