import type { Represent } from './compileRepresentation.ts';
import type { Rewrites } from './compileRewrites.ts';
import type { Data } from './mergeData.ts';

export interface Gathered {
  readonly representations: readonly Data[];
  /** For each representation, the objects of the answer that it stands for. */
  readonly targets: readonly (readonly [Data, ...Data[]])[];
}

/** What is asked of a subgraph about these objects. Equal representations are sent once. */
export function gatherEntities(entities: readonly Data[], represent: Represent, input: Rewrites | null): Gathered {
  const representations: Data[] = [];
  const targets: [Data, ...Data[]][] = [];
  const known = entities.length > 1 ? new Map<string, [Data, ...Data[]]>() : null;
  for (const entity of entities) {
    const representation = represent(entity);
    if (representation === null || !representation['__typename']) continue;
    input?.apply(representation);
    const text = known === null ? '' : JSON.stringify(representation);
    const same = known?.get(text);
    if (same !== undefined) {
      same.push(entity);
      continue;
    }
    const target: [Data, ...Data[]] = [entity];
    known?.set(text, target);
    representations.push(representation);
    targets.push(target);
  }
  return { representations, targets };
}
