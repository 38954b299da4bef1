import { describe, expect, it } from '@jest/globals';
import { composeSupergraph } from '../../schema/compose.ts';
import { HubError } from '../../schema/errors.ts';
import { createCompiler, InvalidDocument, type Compiler } from './compiledOperation.ts';
import { loadGraph } from './graph.ts';
import { LIMITS, NO_LIMITS } from './limits.ts';
import { inThreadPlanner } from './planner/inThreadPlanner.ts';
import type { Planner } from './planner/planner.ts';

const { supergraphSdl } = composeSupergraph([{ name: 'plain', sdl: 'type Query { hello(n: Int): String  again: Query }' }]);
const planner = inThreadPlanner(loadGraph(supergraphSdl));
const compilerWith = (more: Partial<Parameters<typeof createCompiler>[0]> = {}): Compiler =>
  createCompiler({ limits: LIMITS, introspection: false, planner, ...more });

async function refusal(text: string, operationName: string | null = null, compiler = compilerWith()): Promise<string> {
  try {
    await compiler.compile(text, operationName, 'client');
  } catch (error) {
    if (error instanceof HubError) return `${error.code} ${error.detail ?? ''}`.trim();
    if (error instanceof InvalidDocument)
      return error.errors.map(({ message, locations }) => `${message} ${JSON.stringify(locations)}`).join('\n');
    throw error;
  }
  return 'compiled';
}

/** A planner that counts turns. */
function counted(): Planner & { turns: number } {
  return {
    turns: 0,
    turn(client, work) {
      this.turns += 1;
      return planner.turn(client, work);
    },
    close: () => planner.close(),
  };
}

describe('compiling a document', () => {
  it('is done once for each text, whoever asks, and at once from then on', async () => {
    const compiler = compilerWith();
    const text = 'query Q($x: Boolean!) { hello @include(if: $x) }';
    const compiled = await compiler.compile(text, null, 'one');
    expect(compiler.compile(text, null, 'other')).toBe(compiled);
    expect(compiled.conditions).toEqual(['x']);
    expect(compiler.document(compiled.documentHash)).toBe(compiled.document);
  });

  it('is done once for a client that asks many times at once', async () => {
    const counting = counted();
    const compiler = compilerWith({ planner: counting });
    const compiled = await Promise.all(Array.from({ length: 20 }, async () => compiler.compile('{ hello }', null, 'client')));
    expect(new Set(compiled).size).toBe(1);
    expect(counting.turns).toBe(1);
  });

  it('says where a document is wrong, and never what the schema has instead', async () => {
    expect(await refusal('{ helo }')).toBe('Cannot query field "helo" on type "Query". [{"line":1,"column":3}]');
    expect(await refusal('{ hello ')).toBe('Syntax Error: Expected Name, found <EOF>. [{"line":1,"column":9}]');
  });

  it('remembers what is wrong with a document, and not that the planner was busy', async () => {
    const counting = counted();
    const compiler = compilerWith({ planner: counting });
    for (let time = 0; time < 5; time += 1) expect(await refusal('{ helo }', null, compiler)).toMatch('Cannot query field');
    expect(counting.turns).toBe(1);

    const busy: Planner = { turn: () => Promise.reject(new HubError('TOO_MANY_REQUESTS')), close: async () => {} };
    let turn = busy.turn;
    const later = compilerWith({ planner: { turn: (client, work) => turn(client, work), close: busy.close } });
    expect(await refusal('{ hello }', null, later)).toBe('TOO_MANY_REQUESTS');
    turn = planner.turn;
    expect(await refusal('{ hello }', null, later)).toBe('compiled');
  });

  it('stops at the token limit while it parses', async () => {
    expect(await refusal(`{ ${'hello '.repeat(7_000)} }`)).toBe('OPERATION_TOO_LARGE More than 6000 tokens.');
  });

  it('refuses what repeats itself beyond use, where graphql-js gives up', async () => {
    expect(await refusal(`{ ${'hello '.repeat(1_900)} }`, null, compilerWith({ limits: { ...LIMITS, rootFields: Infinity } }))).toBe(
      'OPERATION_TOO_LARGE The same fields too many times.',
    );
  });

  it('survives what is too deep for the stack, even without limits', async () => {
    const deep = 200_000;
    const text = `{ ${'again { '.repeat(deep)} hello ${'} '.repeat(deep)} }`;
    expect(await refusal(text, null, compilerWith({ limits: NO_LIMITS }))).toBe('OPERATION_TOO_LARGE Nested too deep.');
  });

  it('tells several operations apart by name where the limits let them pass', async () => {
    const text = 'query A { hello } query B { again { hello } }';
    const free = compilerWith({ limits: NO_LIMITS });
    expect(await refusal(text)).toBe('OPERATION_TOO_LARGE More than 1 operations.');
    expect(await refusal(text, 'B', free)).toBe('compiled');
    expect(await refusal(text, null, free)).toMatch('name one in operationName');
    expect(await refusal(text, 'C', free)).toMatch('no operation of this name');
  });

  it('keeps introspection behind its switch, in fragments too', async () => {
    expect(await refusal('{ ...I } fragment I on Query { __schema { types { name } } }')).toBe('INTROSPECTION_OFF');
    expect(await refusal('{ __type(name: "Query") { name } }', null, compilerWith({ introspection: true }))).toBe('compiled');
  });

  it('holds what one client uses while another sends thousands of documents', async () => {
    const small = compilerWith({ cacheBytes: 100_000 });
    const kept = await small.compile('{ kept: hello }', null, 'one');
    for (let index = 0; index < 2_000; index += 1) await small.compile(`{ a${index}: hello }`, null, 'other');
    expect(small.compile('{ kept: hello }', null, 'one')).toBe(kept);
    expect(small.compile('{ a0: hello }', null, 'other')).toBeInstanceOf(Promise);
  });
});
