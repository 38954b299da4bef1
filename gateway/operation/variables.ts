import { getVariableValues, Kind, print } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { HubError } from '../../schema/errors.ts';
import type { CompiledOperation } from './compiledOperation.ts';
import { checkVariables, type Limits } from './limits.ts';

/** A request's variables, once they are known to fit. */
export interface FittingVariables {
  /** As sent; only those that the operation declares. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** With defaults, as the schema coerces them: what decides @skip and @include. */
  readonly coerced: Readonly<Record<string, unknown>>;
}

/**
 * Throws OPERATION_TOO_LARGE or OPERATION_INVALID. The message names the variable and its type, never the value: a key may be personal data.
 */
export function fitVariables(
  api: GraphQLSchema,
  { operation }: CompiledOperation,
  variables: Readonly<Record<string, unknown>>,
  limits: Limits,
): FittingVariables {
  checkVariables(variables, limits);
  const definitions = operation.variableDefinitions ?? [];
  const sent = Object.fromEntries(
    definitions
      .map(({ variable }) => variable.name.value)
      .flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
  ) as Record<string, unknown>;
  const { errors, coerced } = getVariableValues(api, definitions, sent, { maxErrors: 5 });
  if (errors === undefined) return { sent, coerced };
  const misfits = new Set(
    errors.map(({ nodes }) => {
      const node = nodes?.[0];
      return node?.kind === Kind.VARIABLE_DEFINITION
        ? `Variable "$${node.variable.name.value}" does not fit ${print(node.type)}.`
        : 'A variable does not fit.';
    }),
  );
  throw new HubError('OPERATION_INVALID', [...misfits].join(' '));
}
