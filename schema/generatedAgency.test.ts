import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lintAndCompose, problemLine } from './lint.ts';
import { sampleSources } from './rules/sampleComposed.ts';

interface Field {
  readonly name: string;
  readonly kind:
    | { readonly leaf: string; readonly special: boolean; readonly thirdParty: boolean }
    | { readonly fields: readonly Field[]; readonly list: boolean };
}
interface GeneratedDataset {
  readonly many: boolean;
  readonly special: boolean;
  readonly fields: readonly Field[];
}

const name = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,5}$/).filter((text) => text !== 'records' && !(text in Object.prototype));
const leaf = fc.record({
  leaf: fc.constantFrom('String', 'Int', 'Date', '[String!]', 'Money'),
  special: fc.boolean(),
  thirdParty: fc.boolean(),
});
const fieldsOf = (kind: fc.Arbitrary<Field['kind']>) =>
  fc.uniqueArray(fc.record({ name, kind }), { minLength: 1, maxLength: 4, selector: (field) => field.name });
const innermost = fieldsOf(leaf);
const middle = fieldsOf(fc.oneof(leaf, fc.record({ fields: innermost, list: fc.boolean() })));
const outermost = fieldsOf(fc.oneof(leaf, fc.record({ fields: middle, list: fc.boolean() })));
const agency = fc.array(fc.record({ many: fc.boolean(), special: fc.boolean(), fields: outermost }), { minLength: 1, maxLength: 3 });

/** The SDL of generated datasets, and every leaf that it has: the model is written out beside the text, not read from it. */
function written(datasets: readonly GeneratedDataset[]): { sdl: string; leaves: string[] } {
  const types: string[] = [];
  const leaves: string[] = [];
  let count = 0;
  const writeType = (fields: readonly Field[], dataset: string, prefix: string, special: boolean): string => {
    const type = `T${count++}`;
    const lines = fields.map((field) => {
      if ('leaf' in field.kind) {
        const { leaf: sdl, special: marked, thirdParty } = field.kind;
        leaves.push(`${type}.${field.name} ${dataset}:${prefix}${field.name} ${sdl} ${String(special || marked)} ${String(thirdParty)}`);
        const mark = [marked ? 'special: true' : '', thirdParty ? 'thirdParty: true' : ''].filter((text) => text !== '').join(', ');
        return `"甲 | A" ${field.name}: ${sdl}${mark === '' ? '' : ` @personal(${mark})`}`;
      }
      const inner = writeType(field.kind.fields, dataset, `${prefix}${field.name}.`, special);
      return `"乙 | B" ${field.name}: ${field.kind.list ? `[${inner}!]` : inner}`;
    });
    types.push(`type ${type} { ${lines.join('\n')} }`);
    return type;
  };
  const fields = datasets.map((dataset, index) => {
    const id = `mohw.d${index}`;
    const mark = `@dataset(id: "${id}", unit: "mohw", methods: ["citizen-certificate"], refresh: "daily", legalBasis: "法 | Act", special: ${String(dataset.special)})`;
    const record = writeType(dataset.fields, id, '', dataset.special);
    if (dataset.many) types.push(`type Root${index} ${mark} { records(first: Int, after: String): [${record}] }`);
    else types.push(`extend type ${record} ${mark}`);
    return `"丙 | C" d${index}: ${dataset.many ? `Root${index}` : record}`;
  });
  return { sdl: [`extend type DataSubject { ${fields.join('\n')} }`, ...types].join('\n'), leaves: leaves.sort() };
}

describe('any agency that keeps the contract', () => {
  it('passes the lint, and its contract is exactly the leaves that were written', () => {
    fc.assert(
      fc.property(agency, (datasets) => {
        const { sdl, leaves } = written(datasets);
        const result = lintAndCompose(sampleSources({ mohw: sdl }), '');
        if ('problems' in result) throw new Error(result.problems.map(problemLine).join('\n'));
        const read = [...result.contract.leaves.values()].map(
          ({ coordinate, scope, type, special, thirdParty }) => `${coordinate} ${scope} ${type} ${String(special)} ${String(thirdParty)}`,
        );
        expect(read.sort()).toEqual(leaves);
        expect(new Set(read.map((line) => line.split(' ')[1])).size).toBe(leaves.length);
      }),
      { numRuns: 40 },
    );
  });
});
