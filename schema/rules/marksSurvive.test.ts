import { describe, expect, it } from '@jest/globals';
import { buildASTSchema, Kind, parse, print, visit, type ConstDirectiveNode, type ConstValueNode, type DocumentNode } from 'graphql';
import { composeSupergraph } from '../compose.ts';
import { HubError } from '../errors.ts';
import { marksSurvive } from './marksSurvive.ts';
import { sampleComposed, sampleSources } from './sampleComposed.ts';

const says = (change: (sdl: string) => string) =>
  [...marksSurvive(sampleComposed(sampleSources(), change))].map(({ at, what, message }) => `${at} ${what}: ${message}`);

describe('marksSurvive', () => {
  it('lets a supergraph pass that holds what the agencies wrote', () => expect(says((sdl) => sdl)).toEqual([]));

  it('names a mark that was lost, and where it was written', () => {
    expect(says((sdl) => sdl.replace(' @personal(thirdParty: true)', ''))).toEqual([
      'subgraphs/mohw/sample/schema.graphql:16 ListedMember.name: @personal is [{"thirdParty":true}] here and [] in the supergraph.',
    ]);
  });

  it('names a mark that nobody wrote', () => {
    expect(says((sdl) => sdl.replace('category: LowIncomeCategory', 'category: LowIncomeCategory @personal(special: true)'))).toEqual([
      expect.stringContaining('LowIncome.category: @personal is [] here and [{"special":true}] in the supergraph.'),
    ]);
  });

  it('names a dataset that accepts more than its agency wrote', () => {
    expect(says((sdl) => sdl.replace('methods: ["nhi-card"]', 'methods: ["nhi-card", "multi-factor"]'))).toEqual([
      expect.stringContaining('Visits: @dataset is'),
    ]);
  });
});

const DOCUMENT = parse(composeSupergraph(sampleSources()).supergraphSdl);
const MARKS = ['dataset', 'personal', 'inaccessible'];

/** Everything that can happen to one application of a mark: gone, renamed, an argument gone or of another value. */
function mutations(mark: ConstDirectiveNode): [string, ConstDirectiveNode | null][] {
  const args = mark.arguments ?? [];
  const without = (index: number) => ({ ...mark, arguments: args.filter((_, at) => at !== index) });
  const turned = (index: number) => ({
    ...mark,
    arguments: args.map((argument, at) => (at === index ? { ...argument, value: otherValue(argument.value) } : argument)),
  });
  return [
    ['gone', null],
    ['renamed', { ...mark, name: { ...mark.name, value: 'deprecated' }, arguments: [] }],
    ...args.flatMap((argument, index): [string, ConstDirectiveNode][] => [
      [`without ${argument.name.value}`, without(index)],
      [`with another ${argument.name.value}`, turned(index)],
    ]),
  ];
}

function otherValue(value: ConstValueNode): ConstValueNode {
  if (value.kind === Kind.BOOLEAN) return { ...value, value: !value.value };
  if (value.kind === Kind.STRING) return { ...value, value: `${value.value}x` };
  if (value.kind === Kind.LIST) return { ...value, values: [...value.values, { kind: Kind.STRING, value: 'multi-factor' }] };
  return value;
}

function everyMutation(): [string, DocumentNode][] {
  const mutated: [string, DocumentNode][] = [];
  visit(DOCUMENT, {
    Directive: (mark) => {
      if (!MARKS.includes(mark.name.value)) return;
      for (const [how, to] of mutations(mark as ConstDirectiveNode)) {
        mutated.push([
          `${print(mark).slice(0, 40)} ${how}`,
          visit<DocumentNode>(DOCUMENT, { Directive: (node) => (node === mark ? to : undefined) }),
        ]);
      }
    },
  });
  return mutated;
}

/** Who notices: the reader (a hole, a broken schema), the rule, or nobody. */
function caughtBy(document: DocumentNode): string {
  const text = print(document);
  try {
    return says(() => text).length > 0 ? 'marksSurvive' : 'nobody';
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

describe('a supergraph in which one mark was changed', () => {
  it('parses before it is changed', () => expect(buildASTSchema(DOCUMENT).getType('LowIncome')).toBeDefined());

  it.each(everyMutation())('is caught: %s', (_what, document) => expect(caughtBy(document)).not.toBe('nobody'));
});
