import { describe, expect, it } from '@jest/globals';
import { lintAndCompose, problemLine } from './lint.ts';
import { SAMPLE } from './rules/sampleAgency.ts';
import { sampleSources } from './rules/sampleComposed.ts';

function problems(agencies: Record<string, string>, retired = ''): string[] {
  const result = lintAndCompose(sampleSources(agencies), retired);
  return 'problems' in result ? result.problems.map(problemLine) : [];
}

describe('the contract lint', () => {
  it('gives supergraph and contract when nothing is wrong', () => {
    const result = lintAndCompose(sampleSources(), '');
    if ('problems' in result) throw new Error(result.problems.map(problemLine).join('\n'));
    expect([...result.contract.datasets.keys()]).toEqual(['mohw.low-income', 'mohw.visits']);
    expect(result.supergraphSdl).toContain('@join__type(graph: MOHW)');
  });

  it('names file, line, coordinate, remedy and rule', () => {
    expect(problems({ mohw: SAMPLE.replace('diagnosis: String', 'diagnosis: String!') })).toEqual([
      'subgraphs/mohw/sample/schema.graphql:10  LowIncome.diagnosis: take the outer "!" away: a refusal is written as null. (nullableFields)',
    ]);
  });

  it('reports the breaches of every agency at once', () => {
    const lines = problems({ mohw: SAMPLE.replace('"mohw.visits"', '"moi.visits"'), moi: 'type Query { all: Int }' });
    expect(lines.map((line) => line.replace(/.*\((\w+)\)$/, '$1'))).toEqual(['datasetIds', 'noRootFields']);
  });

  it('lints the whole after composition', () => {
    expect(problems({ mohw: SAMPLE }, 'Visit.date: String  mohw.visits:date  日期 | Date')).toEqual([
      expect.stringMatching(/^schema\/retired\.txt {2}Visit\.date: .*\(retiredNeverReturns\)$/),
    ]);
  });

  it("refuses another agency's field taken over, though composition would only hint", () => {
    const taken = 'extend type DataSubject { "低 | Low" lowIncome: LowIncome @override(from: "mohw") @shareable }';
    expect(problems({ mohw: SAMPLE, moi: taken })).toEqual(
      expect.arrayContaining([expect.stringContaining('@override: refused'), expect.stringContaining('@shareable: refused')]),
    );
  });

  it("refuses a hub that renames the key's cover", () => {
    const sources = sampleSources().map((source) =>
      source.name === 'hub'
        ? { ...source, sdl: source.sdl.replace('"@inaccessible"', '{ name: "@inaccessible", as: "@hidden" }') }
        : source,
    );
    expect(lintAndCompose(sources, '')).toEqual({ problems: [expect.objectContaining({ rule: 'nothingRenamed' })] });
  });

  it('says what composition refuses', () => {
    const sources = sampleSources({
      mohw: SAMPLE,
      moi: 'extend type DataSubject { "低收 | Low" lowIncome: Another } type Another @dataset(id: "moi.another", unit: "moi", methods: ["otp-sms"], refresh: "daily", legalBasis: "法 | Act") { "一 | One" one: Int }',
    });
    expect(() => lintAndCompose(sources, '')).toThrow(expect.objectContaining({ code: 'CONTRACT_BROKEN' }));
  });
});
