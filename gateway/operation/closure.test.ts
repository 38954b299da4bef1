import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { randomDocument } from '../../test/abuse/operationDocuments.ts';
import { leavesRun } from '../../test/abuse/operationOracle.ts';
import { CONTRACT, SUPERGRAPH } from '../../test/fixtures/smallContract.ts';
import { closureOf } from './closure.ts';
import { readOperation } from './compiledOperation.ts';
import { loadGraph } from './graph.ts';
import { readSelection } from './selection.ts';

const { api } = loadGraph(SUPERGRAPH);
const closure = (text: string, conditions = {}) =>
  closureOf(CONTRACT, readSelection(api, readOperation(parse(text), text, null), conditions));

describe('the closure of an operation', () => {
  it('names every leaf below every dataset, by path', () => {
    const { asked, places } = closure('{ me { person { name relatives { pets { kind } } } v: visits { records(first: 2) { day } } } }');
    expect(asked).toEqual({ 'moa.person': ['name', 'relatives.pets.kind'], 'mob.visits': ['day'] });
    expect(places.map(({ path }) => path)).toEqual([
      ['me', 'person'],
      ['me', 'v'],
    ]);
  });

  it('follows fragments, aliases and repeated objects', () => {
    const { asked } = closure(
      '{ a: me { ...P person { b: diagnosis } } } fragment P on DataSubject { ... { person { ... on Person { name } } } }',
    );
    expect(asked).toEqual({ 'moa.person': ['diagnosis', 'name'] });
  });

  it('holds only what runs under these variables', () => {
    const text =
      'query ($x: Boolean!, $y: Boolean = true) { me { person { name @include(if: $x) diagnosis @skip(if: $y) address @include(if: $x) { zip } } } }';
    expect(closure(text, { x: true, y: true }).asked).toEqual({ 'moa.person': ['address.zip', 'name'] });
    expect(closure(text, { x: false, y: false }).asked).toEqual({ 'moa.person': ['diagnosis'] });
  });

  it.each([
    '{ me { person { __typename } } }',
    '{ me { person { t: __typename name @include(if: false) } } }',
    '{ me { person { ... { __typename } } } }',
    '{ me { person { name address { __typename } } } }',
    '{ me { person { name address { city @skip(if: true) } } } }',
    '{ me { visits { records { __typename } } } }',
    '{ me { visits { __typename } } }',
  ])('marks an object of which no leaf runs: %s', (text) => {
    expect(closure(text).places.map(({ bare }) => bare)).toEqual([true]);
  });

  it('does not mark an object whose leaves lie deeper', () => {
    expect(closure('{ me { person { relatives { pets { kind } __typename } } } }').places[0]?.bare).toBe(false);
  });

  it('adds a key that is given to a dataset', () => {
    expect(closure('query ($p: String) { me { cars(plate: $p) { records { model } } } }').asked).toEqual({
      'moa.cars': ['model', 'plate'],
    });
  });

  it('knows what the hub answers itself', () => {
    expect(closure('{ me { person { name } } }').hubFields).toBe(false);
    expect(closure('{ notes { text } me { person { name } } }').hubFields).toBe(true);
  });

  it('keeps "id" on the data subject for the hub: an alias would stand in for the entity', () => {
    expect(() => closure('{ me { id: person { name } } }')).toThrow('kept for the hub');
    expect(closure('{ me { person { id: name } } }').asked).toEqual({ 'moa.person': ['name'] });
  });

  it('equals what graphql-js collects, for any document', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { query, variables } = randomDocument(api, seed);
        fc.pre(validate(api, parse(query)).length === 0);
        const asked = Object.entries(closure(query, variables).asked).flatMap(([dataset, paths]) =>
          paths.map((path) => `${dataset}:${path}`),
        );
        expect(asked.sort()).toEqual([...leavesRun(api, CONTRACT, query, variables)].sort());
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });
});
