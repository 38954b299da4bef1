import type { Contract, Leaf } from './contract.ts';

/** A leaf that was published once: what it was, so that neither its coordinate nor its scope ever comes back as something else. */
export interface RetiredLeaf {
  readonly coordinate: string;
  readonly type: string;
  readonly scope: string;
  /** `中文 | English`: its meaning. */
  readonly meaning: string;
}

/**
 * Reads schema/retired.txt: `#` comments, else `Type.field: SDLType  dataset:path  中文 | English`, its parts divided by two blanks or more.
 * A part that a line lacks is "": schema/rules/retiredNeverReturns.ts refuses it.
 */
export function readRetired(text: string): RetiredLeaf[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [head = '', scope = '', ...meaning] = line.split(/\s{2,}/);
      const [coordinate = '', type = ''] = head.split(': ');
      return { coordinate, type, scope, meaning: meaning.join(' ') };
    });
}

/** A leaf as a line of schema/retired.txt. */
export function retiredLine({ coordinate, type, scope, meaning }: RetiredLeaf): string {
  return `${coordinate}: ${type}  ${scope}  ${meaning}`;
}

/** What would have to be remembered of a leaf if it went. */
export function retire({ coordinate, type, scope, description }: Leaf): RetiredLeaf {
  return { coordinate, type, scope, meaning: `${description['zh-TW']} | ${description.en}` };
}

/** The leaves of `before` that `after` no longer has as they were: gone, of another type, or under another scope. */
export function vanished(before: Contract, after: Contract): RetiredLeaf[] {
  return [...before.leaves.values()]
    .filter((leaf) => {
      const now = after.leaves.get(leaf.coordinate);
      return now?.type !== leaf.type || now.scope !== leaf.scope;
    })
    .map(retire);
}
