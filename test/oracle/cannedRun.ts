import type { FetchAnswer, PlanExecutor, PlanResult } from '../../gateway/operation/planExecutor.ts';
import type { PlannedFetch } from '../../gateway/operation/plannedOperation.ts';
import { plan, worldOf } from './runBoth.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@requires", "@external", "@shareable", "@interfaceObject"])';

export interface Canned {
  readonly fetches: readonly PlannedFetch[];
  readonly stock: PlanResult | Error;
  readonly ours: PlanResult;
  /** What ours sent with its fetches, in order. */
  readonly sent: readonly Readonly<Record<string, unknown>>[];
}

/** Runs one operation by both executors, with answers that a test writes: by subgraph, one after another. */
export async function runCanned(
  sdls: Readonly<Record<string, string>>,
  text: string,
  answers: Readonly<Record<string, readonly FetchAnswer[]>>,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Canned> {
  const world = worldOf(Object.entries(sdls).map(([name, sdl]) => ({ name, sdl: `${LINK}\n${sdl}` })));
  const planned = plan(world, text);
  const sent: Record<string, unknown>[] = [];
  const run = (executor: PlanExecutor): Promise<PlanResult> => {
    const left = structuredClone(answers) as Record<string, FetchAnswer[]>;
    return executor.run(planned, {
      variables,
      fetch: ({ subgraph, query }, given) => {
        if (executor === world.ours) sent.push(structuredClone(given));
        const answer = left[subgraph]?.shift();
        return answer === undefined ? Promise.reject(new Error(`No answer of ${subgraph} for ${query}`)) : Promise.resolve(answer);
      },
    });
  };
  const stock = await run(world.stock).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  return { fetches: planned.fetches, stock, ours: await run(world.ours), sent };
}
