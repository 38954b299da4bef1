import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import { checkLimits, checkVariables, LIMITS, NO_LIMITS, type Limits } from './limits.ts';

/** The code and detail of the refusal, or null. */
function refusal(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof HubError) return `${error.code} ${error.detail ?? ''}`;
    throw error;
  }
}

const weigh = (text: string, limits: Limits = LIMITS) => refusal(() => checkLimits(parse(text), limits));
const many = (count: number, part: (index: number) => string) => Array.from({ length: count }, (_, index) => part(index)).join(' ');

/** Each fragment spreads the next twice: 2^levels selections in a few bytes. */
const bomb = (levels: number) =>
  `{ ...F0 } ${many(levels, (level) => `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`)} fragment F${levels} on Query { __typename }`;

describe('limits on the AST', () => {
  it('let an ordinary operation pass', () => {
    expect(
      weigh('query Q($n: Int) { me { a: cars { records(first: $n) { plate } } ...P } } fragment P on DataSubject { person { name } }'),
    ).toBeNull();
  });

  it.each([
    ['a second operation', 'query A { me { x } } query B { me { x } }', 'OPERATION_TOO_LARGE More than 1 operations.'],
    ['nesting beyond the depth', `{ ${'a { '.repeat(17)} x ${'} '.repeat(17)} }`, 'OPERATION_TOO_LARGE More than 16 levels of fields.'],
    [
      '300 inline fragments in each other',
      `{ ${'... { '.repeat(300)} x ${'} '.repeat(300)} }`,
      'OPERATION_TOO_LARGE More than 33 levels of nesting.',
    ],
    ['1,000 aliases', `{ me { ${many(1000, (index) => `a${index}: x`)} } }`, 'OPERATION_TOO_LARGE More than 60 aliases.'],
    ['many roots', `{ ${many(9, (index) => `a${index}: me { x }`)} }`, 'OPERATION_TOO_LARGE More than 8 root fields.'],
    [
      'roots behind a fragment',
      `{ ...R ...R } fragment R on Query { ${many(5, (index) => `a${index}: me { x }`)} }`,
      'OPERATION_TOO_LARGE More than 8 root fields.',
    ],
    ['many directives', `{ me { x ${many(61, () => '@include(if: true)')} } }`, 'OPERATION_TOO_LARGE More than 60 directives.'],
    ['many variables', `query (${many(41, (index) => `$v${index}: Int`)}) { me { x } }`, 'OPERATION_TOO_LARGE More than 40 variables.'],
    ['a fragment bomb', bomb(20), 'OPERATION_TOO_LARGE More than 2000 selections.'],
    [
      'a fragment that spreads itself',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      'OPERATION_INVALID Fragment "A" spreads itself.',
    ],
    ['a spread fragment nobody spreads', '{ me { x } } fragment A on Query { ...A }', 'OPERATION_INVALID Fragment "A" spreads itself.'],
  ])('refuse %s', (_what, text, expected) => {
    expect(weigh(text)).toBe(expected);
  });

  it('count depth and aliases through fragments, wherever they are spread', () => {
    const nested = many(9, (level) => `fragment F${level} on T { a { b { ...F${level + 1} } } }`);
    expect(weigh(`{ ...F0 } ${nested} fragment F9 on T { x }`)).toBe('OPERATION_TOO_LARGE More than 16 levels of fields.');
    expect(weigh(`{ me { ${many(7, () => '...A')} } } fragment A on T { ${many(10, (index) => `a${index}: x`)} }`)).toBe(
      'OPERATION_TOO_LARGE More than 60 aliases.',
    );
  });

  it('weigh a bomb of a thousand levels once per fragment', () => {
    expect(weigh(bomb(1000))).toBe('OPERATION_TOO_LARGE More than 2000 selections.');
  });

  it.each(['{ me { __proto__: x } }', '{ me { __typename: x } }', 'query ($__proto__: Int) { me { x } }'])(
    'keep names of GraphQL for GraphQL: %s',
    (text) => {
      expect(weigh(text)).toMatch(/^OPERATION_INVALID An alias or variable must not begin/);
      expect(weigh(text, NO_LIMITS)).toBeNull();
    },
  );

  it('keep the name that federation gives its own variable', () => {
    expect(weigh('query ($representations: Int) { me { x } }')).toBe(
      'OPERATION_INVALID The name "representations" is kept for federation.',
    );
  });
});

describe('limits on variables', () => {
  const weighed = (variables: Record<string, unknown>) => refusal(() => checkVariables(variables, LIMITS));

  it('let ordinary ones pass', () => {
    expect(weighed({ first: 10, after: 'x'.repeat(200), list: [1, { a: true }] })).toBeNull();
  });

  it('refuse long texts and many values', () => {
    expect(weighed({ after: 'x'.repeat(20_000) })).toBe('OPERATION_TOO_LARGE More than 16384 characters in variables.');
    expect(weighed({ list: Array.from({ length: 10_000 }, () => 1) })).toBe('OPERATION_TOO_LARGE More than 16384 characters in variables.');
    expect(weighed({ ['x'.repeat(20_000)]: 1 })).toBe('OPERATION_TOO_LARGE More than 16384 characters in variables.');
  });

  it('refuse nesting without recursion', () => {
    let nested: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) nested = [nested];
    expect(weighed({ nested })).toBe('OPERATION_TOO_LARGE More than 8 levels in variables.');
  });
});
