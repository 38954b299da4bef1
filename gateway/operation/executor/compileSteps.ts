import type { PlanNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { HubError } from '../../../schema/errors.ts';
import type { PlannedOperation } from '../plannedOperation.ts';
import { compileFetch } from './compileFetch.ts';
import { compilePath, type Place } from './compilePath.ts';
import type { Step } from './step.ts';

/** Compiles every node of a plan. Throws OPERATION_INVALID for a subscription. */
export function compileSteps(whole: GraphQLSchema, { plan, fetchOf }: PlannedOperation): Step {
  const compile = (node: PlanNode, path: Place): Step => {
    switch (node.kind) {
      case 'Fetch': {
        const fetch = fetchOf.get(node.operationDocumentNode);
        if (fetch === undefined) throw new TypeError('A fetch outside the plan.');
        return compileFetch(whole, node, fetch, compilePath(path));
      }
      case 'Flatten':
        return compile(node.node, [...path, ...node.path]);
      case 'Sequence':
        return inSequence(node.nodes.map((child) => compile(child, path)));
      case 'Parallel':
        return inParallel(node.nodes.map((child) => compile(child, path)));
      case 'Condition': {
        const { condition, ifClause, elseClause } = node;
        return choose(condition, ifClause ? compile(ifClause, path) : NOTHING, elseClause ? compile(elseClause, path) : NOTHING);
      }
      case 'Defer':
        throw new TypeError('@defer is not planned.');
    }
  };
  if (plan.node === undefined) return NOTHING;
  if (plan.node.kind === 'Subscription') throw new HubError('OPERATION_INVALID', 'Subscriptions are not served.');
  return compile(plan.node, []);
}

const NOTHING: Step = (_running, done) => done();

function inSequence(steps: readonly Step[]): Step {
  return (running, done) => {
    let next = 0;
    const advance = (): void => {
      const step = steps[next];
      next += 1;
      if (step === undefined) done();
      else step(running, advance);
    };
    advance();
  };
}

function inParallel(steps: readonly Step[]): Step {
  if (steps.length === 0) return NOTHING;
  return (running, done) => {
    let open = steps.length;
    const ended = (): void => {
      open -= 1;
      if (open === 0) done();
    };
    for (const step of steps) step(running, ended);
  };
}

function choose(condition: string, then: Step, otherwise: Step): Step {
  return (running, done) => (running.conditions[condition] === true ? then(running, done) : otherwise(running, done));
}
