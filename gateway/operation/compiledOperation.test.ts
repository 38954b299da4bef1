import { describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import { createCompiler, InvalidDocument } from './compiledOperation.ts';
import { LIMITS, NO_LIMITS } from './limits.ts';

const api = buildSchema('type Query { hello(n: Int): String  again: Query }');
const compiler = createCompiler({ api, limits: LIMITS, introspection: false });

function refusal(text: string, operationName: string | null = null, limits = LIMITS): string {
  try {
    createCompiler({ api, limits, introspection: false }).compile(text, operationName);
  } catch (error) {
    if (error instanceof HubError) return `${error.code} ${error.detail ?? ''}`.trim();
    if (error instanceof InvalidDocument)
      return error.errors.map(({ message, locations }) => `${message} ${JSON.stringify(locations)}`).join('\n');
    throw error;
  }
  return 'compiled';
}

describe('compiling a document', () => {
  it('is done once for each text, whoever asks', () => {
    const text = 'query Q($x: Boolean!) { hello @include(if: $x) }';
    const compiled = compiler.compile(text, null);
    expect(compiler.compile(text, null)).toBe(compiled);
    expect(compiled.conditions).toEqual(['x']);
    expect(compiler.document(compiled.documentHash)).toBe(compiled.document);
  });

  it('says where a document is wrong, and never what the schema has instead', () => {
    expect(refusal('{ helo }')).toBe('Cannot query field "helo" on type "Query". [{"line":1,"column":3}]');
    expect(refusal('{ hello ')).toBe('Syntax Error: Expected Name, found <EOF>. [{"line":1,"column":9}]');
  });

  it('stops at the token limit while it parses', () => {
    expect(refusal(`{ ${'hello '.repeat(7_000)} }`)).toBe('OPERATION_TOO_LARGE More than 6000 tokens.');
  });

  it('survives what is too deep for the stack, even without limits', () => {
    const deep = 200_000;
    expect(refusal(`{ ${'again { '.repeat(deep)} hello ${'} '.repeat(deep)} }`, null, NO_LIMITS)).toBe(
      'OPERATION_TOO_LARGE Nested too deep.',
    );
  });

  it('tells several operations apart by name where the limits let them pass', () => {
    const text = 'query A { hello } query B { again { hello } }';
    expect(refusal(text)).toBe('OPERATION_TOO_LARGE More than 1 operations.');
    expect(refusal(text, 'B', NO_LIMITS)).toBe('compiled');
    expect(refusal(text, null, NO_LIMITS)).toMatch('name one in operationName');
    expect(refusal(text, 'C', NO_LIMITS)).toMatch('no operation of this name');
  });

  it('keeps introspection behind its switch, in fragments too', () => {
    expect(refusal('{ ...I } fragment I on Query { __schema { types { name } } }')).toBe('INTROSPECTION_OFF');
    expect(
      createCompiler({ api, limits: LIMITS, introspection: true }).compile('{ __type(name: "Query") { name } }', null).operationName,
    ).toBeNull();
  });

  it('forgets the oldest documents rather than growing', () => {
    const small = createCompiler({ api, limits: LIMITS, introspection: false, cacheBytes: 50_000 });
    const first = small.compile('{ a0: hello }', null);
    for (let index = 1; index < 50; index += 1) small.compile(`{ a${index}: hello }`, null);
    expect(small.document(first.documentHash)).toBeUndefined();
    expect(small.compile('{ a0: hello }', null)).not.toBe(first);
  });
});
