import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, print, stripIgnoredCharacters, validate } from 'graphql';
import { isWithin, type FieldSet } from '../../schema/fieldSet.ts';
import { randomDocument } from '../../test/abuse/operationDocuments.ts';
import { leavesRun } from '../../test/abuse/operationOracle.ts';
import { CONTRACT, EVERYTHING, SUPERGRAPH } from '../../test/fixtures/smallContract.ts';
import { readOperation } from './compiledOperation.ts';
import { loadGraph } from './graph.ts';
import { prune } from './prune.ts';
import { readSelection } from './selection.ts';

const { api } = loadGraph(SUPERGRAPH);

function pruned(text: string, permitted: FieldSet, conditions = {}) {
  const compiled = readOperation(parse(text), text, null);
  const result = prune(CONTRACT, compiled, readSelection(api, compiled, conditions), permitted);
  return { ...result, text: result.document && stripIgnoredCharacters(print(result.document)) };
}

const NAME = { 'moa.person': ['name'] };

describe('pruning an operation', () => {
  it('takes refused leaves out, and objects that are left without one', () => {
    const { text, whole } = pruned('{ me { person { name diagnosis address { city zip } } income { year } } }', NAME);
    expect(text).toBe('{me{person{name}}}');
    expect(whole).toBe(false);
  });

  it('takes __typename out with its object, and leaves it with one', () => {
    expect(pruned('{ me { person { t: __typename name address { __typename city } } } }', NAME).text).toBe(
      '{me{person{t:__typename name}}}',
    );
  });

  it('leaves nothing to run when every root is refused: no agency is called', () => {
    expect(pruned('{ me { person { diagnosis } } }', NAME).text).toBeNull();
    expect(pruned('{ me { __typename person { diagnosis } } }', NAME).text).toBeNull();
  });

  it('empties nested fragments without a trace', () => {
    const text =
      '{ me { ...A } } fragment A on DataSubject { ...B person { ... on Person { ...C } } } fragment B on DataSubject { income { year } } fragment C on Person { diagnosis }';
    expect(pruned(text, NAME).text).toBeNull();
    expect(pruned(text, { 'mob.income': ['year'] }).text).toBe('{me{income{year}}}');
  });

  it('drops variables that nothing uses any more, and decides conditions', () => {
    const text =
      'query Q($x: Boolean!, $n: Int, $p: String) { me { person { name @include(if: $x) } visits { records(first: $n) { day } } cars(plate: $p) { records { model } } } }';
    expect(pruned(text, { ...NAME, 'mob.visits': ['day'] }, { x: true }).text).toBe(
      'query($n:Int){me{person{name}visits{records(first:$n){day}}}}',
    );
    expect(pruned(text, NAME, { x: true }).text).toBe('{me{person{name}}}');
    expect(pruned(text, NAME, { x: false }).text).toBeNull();
  });

  it('refuses a dataset whose key is refused, and not the same dataset without it', () => {
    const text = 'query ($p: String) { me { a: cars(plate: $p) { records { model } } b: cars { records { model } } } }';
    expect(pruned(text, { 'moa.cars': ['model'] }).text).toBe('{me{b:cars{records{model}}}}');
    expect(pruned(text, { 'moa.cars': ['model', 'plate'] }).text).toBe(
      'query($p:String){me{a:cars(plate:$p){records{model}}b:cars{records{model}}}}',
    );
  });

  it('leaves the hub’s own fields as written, fragments and conditions included', () => {
    const text = 'query ($x: Boolean!) { notes { ...N } me { person { diagnosis } } } fragment N on Note { id text @skip(if: $x) }';
    expect(pruned(text, NAME, { x: true }).text).toBe('query($x:Boolean!){notes{...N}}fragment N on Note{id text@skip(if:$x)}');
  });

  it('does not tell agencies what a client calls its operation', () => {
    expect(pruned('query CheckOnMrChen { me { person { name } } }', NAME).text).toBe('{me{person{name}}}');
  });

  it('is whole when nothing is refused', () => {
    expect(pruned('{ me { person { name } __typename } notes { id } }', NAME).whole).toBe(true);
  });

  it('leaves a valid operation that runs the permitted leaves and no other, for any document', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, share) => {
        const { query, variables } = randomDocument(api, seed);
        fc.pre(validate(api, parse(query)).length === 0);
        const permitted = Object.fromEntries(
          Object.entries(EVERYTHING).map(([dataset, paths]) => [dataset, paths.filter((_path, index) => (share >> index) & 1)]),
        );
        const { document, released } = pruned(query, permitted, variables);
        const left = document === null ? new Set<string>() : leavesRun(api, CONTRACT, print(document), variables);
        const expected = [...leavesRun(api, CONTRACT, query, variables)].filter((scope) => {
          const [dataset = '', path = ''] = scope.split(':');
          return permitted[dataset]?.includes(path);
        });
        expect([...left].sort()).toEqual(expected.sort());
        expect(isWithin(released, permitted)).toBe(true);
        if (document !== null) expect(validate(api, document)).toEqual([]);
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });
});
