import type { ComposedRule } from '../composed.ts';

/** Whatever the composer notices without refusing it, we refuse: `@override` with `@shareable` moves another agency's field with no more than a hint (tried). */
export const noHints: ComposedRule = function* ({ hints }) {
  for (const hint of hints) yield { at: 'composition', what: hint.split(':')[0] ?? '', message: hint };
};
