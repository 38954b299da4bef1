import type { Shape } from './prune.ts';

/** The answer of which nothing was asked: what is known without asking, and null elsewhere, whatever exists (docs/contract.md §2). */
export function emptyAnswer(shape: readonly Shape[]): Record<string, unknown> {
  return Object.fromEntries(shape.map((field) => [field.key, emptyValue(field)]));
}

function emptyValue(field: Shape): unknown {
  if (field.kind === 'TYPENAME') return field.value;
  return field.kind === 'OBJECT' && field.present ? emptyAnswer(field.fields) : null;
}
