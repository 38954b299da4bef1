import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fieldsBelow, readAgency } from './agency.ts';

const agencyOf = (...texts: string[]) =>
  readAgency(
    'mohw',
    texts.map((text, index) => ({ path: `${index}.graphql`, text })),
  );

describe('an agency read from its files', () => {
  it('puts definition and extensions together, from any file', () => {
    const agency = agencyOf('type A { b: Int }', 'extend type A @dataset(id: "x") { c: Int }');
    expect(agency.objects.get('A')?.fields.map((field) => field.name.value)).toEqual(['b', 'c']);
    expect(agency.objects.get('A')?.directives.map((directive) => directive.name.value)).toEqual(['dataset']);
  });

  it('reads an empty file, or one of comments, as nothing', () => expect(agencyOf('', '# later\n').definitions).toEqual([]));

  it('names file and line of what is not SDL', () => {
    expect(() => agencyOf('type A {\n  b Int\n}')).toThrow(
      expect.objectContaining({ code: 'CONTRACT_BROKEN', detail: expect.stringContaining('0.graphql:2') }),
    );
  });
});

describe('the fields below DataSubject', () => {
  it('come with path, parent and target', () => {
    const places = fieldsBelow(agencyOf('extend type DataSubject { a: A } type A { b: B c: Int } type B { d: Int }'));
    expect(places.map(({ path, parent, target, arrival }) => `${path.join('.')} ${parent.name} ${target?.name ?? '-'} ${arrival}`)).toEqual(
      ['a DataSubject A FIRST', 'a.b A B FIRST', 'a.b.d B - FIRST', 'a.c A - FIRST'],
    );
  });

  it('end in any tangle of types, and enter each once', () => {
    const names = ['A', 'B', 'C', 'D', 'E'];
    const tangle = fc.array(fc.record({ from: fc.constantFrom('DataSubject', ...names), to: fc.constantFrom(...names) }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(tangle, (edges) => {
        const types = [...names, 'DataSubject'].map((name) => {
          const fields = edges.flatMap((edge, index) => (edge.from === name ? [`f${index}: ${edge.to}`] : []));
          return `extend type ${name} { own${name}: Int ${fields.join(' ')} }`;
        });
        const places = fieldsBelow(agencyOf(types.join('\n')));
        expect(new Set(places.map(({ path }) => path.join('.'))).size).toBe(places.length);
        const entered = places.filter(({ target, arrival }) => target !== null && arrival === 'FIRST').map(({ target }) => target?.name);
        expect(new Set(entered).size).toBe(entered.length);
      }),
    );
  });
});
