import type { ComposedRule } from '../composed.ts';
import { retire, retiredLine } from '../retired.ts';

const FILE = 'schema/retired.txt';

/** A published coordinate never returns with another type or meaning, nor its scope under another coordinate: old consents list scopes, and would open what nobody agreed to. */
export const retiredNeverReturns: ComposedRule = function* ({ contract, retired }) {
  for (const line of retired) {
    if (line.coordinate === '' || line.type === '' || line.scope === '' || line.meaning === '') {
      yield { at: FILE, what: line.coordinate, message: 'a line reads "Type.field: SDLType  dataset:path  中文 | English".' };
    }
  }
  for (const leaf of [...contract.leaves.values()].map(retire)) {
    for (const before of retired.filter((line) => line.coordinate === leaf.coordinate || line.scope === leaf.scope)) {
      if (retiredLine(before) !== retiredLine(leaf)) {
        yield {
          at: FILE,
          what: leaf.coordinate,
          message: `it was "${retiredLine(before)}" and would return as "${retiredLine(leaf)}". Choose another name.`,
        };
      }
    }
  }
};
