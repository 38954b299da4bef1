import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareSaid, type Verdict } from './compareSaid.ts';
import { diceOf } from './dice.ts';
import { FEATURES } from './features.ts';
import { hash } from './hash.ts';
import type { Faults } from './memorySubgraph.ts';
import { randomOperation } from './randomOperation.ts';
import { randomSupergraph } from './randomSupergraph.ts';
import { plan, runIn, worldOf, type World } from './runBoth.ts';

/** ORACLE_SEED for other cases, ORACLE_WORLDS for more: each world is 100 cases. */
const SEED = Number(process.env['ORACLE_SEED'] ?? 20191220);
const WORLDS = Number(process.env['ORACLE_WORLDS'] ?? 21);
const OPERATIONS = 20;

/** Each operation in each of these. */
const WEATHERS: readonly Faults[] = [
  { error: 0, null: 0, corrupt: 0 },
  { error: 0, null: 40, corrupt: 0 },
  { error: 40, null: 20, corrupt: 0 },
  { error: 0, null: 0, corrupt: 40 },
  { error: 15, null: 15, corrupt: 15 },
];

describe('the compiled executor and the stock one', () => {
  it(
    'say the same of random operations on random supergraphs, whatever fails',
    async () => {
      const reached = new Map(Object.keys(FEATURES).map((feature) => [feature, 0]));
      const verdicts = new Map<Verdict, number>();
      const count = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

      async function compare(world: World, gen: fc.GeneratorValue): Promise<void> {
        const { text, variables } = randomOperation(diceOf(gen), world.graph.api);
        const planned = plan(world, text);
        const truthy = planned.fetches.length > 0 && JSON.stringify(planned.plan).includes('KeyRenamer');
        for (const [index, faults] of WEATHERS.entries()) {
          const weather = { seed: hash(`${text} ${index}`), faults, truthy };
          const run = (executor: World['stock']) => runIn(world, executor, planned, variables, weather);
          const stock = await run(world.stock).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
          const ours = await run(world.ours);
          const verdict = compareSaid(stock, ours);
          count(verdicts, verdict);
          if (verdict === 'DATA' || verdict === 'ERRORS' || verdict === 'UNFIT') {
            const regression = { subgraphs: world.subgraphs, text, variables, weather };
            throw new Error(`${verdict}: keep it in regressions/ under a name.\n${JSON.stringify({ regression, stock, ours }, null, 1)}`);
          }
          const given = { world, text, planned, ours, stockAsked: stock instanceof Error ? 0 : stock.asked };
          for (const [feature, has] of Object.entries(FEATURES)) if (has(given)) count(reached, feature);
        }
      }

      for (const gen of fc.sample(fc.gen(), { numRuns: WORLDS, seed: SEED })) {
        const world = worldOf(randomSupergraph(diceOf(gen)));
        await fc.assert(
          fc.asyncProperty(fc.gen(), (inner) => compare(world, inner)),
          { numRuns: OPERATIONS, seed: SEED },
        );
      }

      const cases = [...verdicts.values()].reduce((sum, each) => sum + each, 0);
      console.log(`ORACLE_SEED=${SEED} ORACLE_WORLDS=${WORLDS}: ${cases} cases`, Object.fromEntries(verdicts), Object.fromEntries(reached));
      expect([...reached].filter(([, times]) => times === 0)).toEqual([]);
      expect(cases).toBeGreaterThanOrEqual(WORLDS * OPERATIONS * WEATHERS.length);
      // Where the stock executor is known to be wrong is the exception.
      expect((verdicts.get('SAME') ?? 0) / cases).toBeGreaterThan(0.97);
    },
    600_000 + WORLDS * 10_000,
  );
});
