import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { composeSupergraph } from '../../../schema/compose.ts';
import { SUPERGRAPH } from '../../../test/fixtures/smallContract.ts';
import { loadGraph } from '../graph.ts';
import { planOperation } from '../planOperation.ts';
import { readPlan } from '../plannedOperation.ts';
import { startThreadPlanner, type Planning } from './threadPlanner.ts';

const QUERY = '{ me { person { name address { city } } c: cars { records { model } } income { year } } }';

/** Each of these types has keys in each of these subgraphs: the planner has as many ways as there are paths. */
function manyWays(subgraphs: number, types: number): string {
  const all = Array.from({ length: subgraphs }, (_, subgraph) => {
    const fields = Array.from({ length: types }, (__, type) => `next${type}: T${type} @shareable`).join(' ');
    const entities = Array.from(
      { length: types },
      (__, type) => `type T${type} @key(fields: "id") { id: ID!  own${subgraph}: Int  ${fields} }`,
    );
    return {
      name: `s${subgraph}`,
      sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
        type Query { t0: T0 @shareable } ${entities.join('\n')}`,
    };
  });
  return composeSupergraph(all).supergraphSdl;
}

describe('a planner in a thread', () => {
  let planning: Planning;
  beforeAll(async () => {
    planning = await startThreadPlanner({ supergraphSdl: SUPERGRAPH });
  });
  afterAll(() => planning.planner.close());

  it('reads the supergraph as this thread would', () => {
    const graph = loadGraph(SUPERGRAPH);
    expect(planning.graph.publicSdl).toBe(graph.publicSdl);
    expect(planning.graph.subgraphs).toEqual(graph.subgraphs);
  });

  it('makes the plans that this thread would make', async () => {
    const document = parse(QUERY, { noLocation: true });
    const built = await planning.planner.turn('client', (desk) => desk.plan(QUERY, null));
    const here = planOperation(loadGraph(SUPERGRAPH), document, { askIds: true });
    expect(readPlan(built, document, { askIds: true }).fetches).toEqual(here.fetches);
  });

  it('says what does not fit the schema, and where', async () => {
    const misfits = (text: string) => planning.planner.turn('client', (desk) => desk.validate(text));
    expect(await misfits(QUERY)).toEqual([]);
    expect(await misfits('{ me { nope } }')).toEqual([{ message: 'Cannot query field "nope" on type "DataSubject".', positions: [7] }]);
  });

  it('does one thing at a time, clients in turn', async () => {
    const order: string[] = [];
    const plan = (client: string, what: string) =>
      planning.planner.turn(client, async (desk) => {
        await desk.plan(QUERY, null);
        order.push(what);
      });
    await Promise.all([plan('a', 'a1'), plan('a', 'a2'), plan('a', 'a3'), plan('b', 'b1'), plan('c', 'c1')]);
    expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
  });
});

describe('a supergraph that is none', () => {
  it('is refused at the start', async () => {
    await expect(startThreadPlanner({ supergraphSdl: 'type Query { a: Int }' })).rejects.toMatchObject({ code: 'CONTRACT_BROKEN' });
  });
});

describe('an operation that takes too long to plan', () => {
  const supergraphSdl = manyWays(6, 3);
  const own = Array.from({ length: 6 }, (_, subgraph) => `own${subgraph}`).join(' ');
  const nested = (levels: number): string =>
    levels === 0 ? own : `next0 { ${own} ${nested(levels - 1)} } next1 { ${own} ${nested(levels - 1)} }`;
  const dearText = `{ t0 { ${nested(10)} } }`;
  const start = async (deadlineMs: number) => (await startThreadPlanner({ supergraphSdl, maxEvaluatedPlans: 1e9, deadlineMs })).planner;

  /** How long this machine takes over it, in milliseconds: a deadline is set by that, and no clock of another machine. */
  async function timeOfDear(): Promise<number> {
    const patient = await start(60_000);
    const began = performance.now();
    await patient.turn('hostile', (desk) => desk.plan(dearText, null));
    await patient.close();
    return performance.now() - began;
  }

  it('is refused in time, and the next is planned', async () => {
    const planner = await start((await timeOfDear()) / 3);
    const dear = planner.turn('hostile', (desk) => desk.plan(dearText, null));
    const cheap = planner.turn('honest', (desk) => desk.plan('{ t0 { own0 } }', null));
    await expect(dear).rejects.toMatchObject({ code: 'OPERATION_TOO_LARGE' });
    expect((await cheap).node).toMatchObject({ kind: 'Fetch' });
    await planner.close();
    await expect(planner.turn('honest', (desk) => desk.plan('{ t0 { own0 } }', null))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  }, 60_000);
});
