import { GraphQLError, type GraphQLSchema } from 'graphql';
import { applyMiddleware, type IMiddlewareTypeMap } from 'graphql-middleware';
import type { IRules } from 'graphql-shield';
import { ERRORS, HubError, type ErrorCode } from '../../schema/errors.ts';
import { allow, deny, rule, shield } from '../../schema/shield.ts';
import type { Caller } from '../domain/caller.ts';

/** What resolvers and guards know of a request. Without a caller nothing is open. */
export interface HubContext {
  readonly caller?: Caller | undefined;
  /** The request id. */
  readonly request: string;
}

function refusal(code: ErrorCode, cause?: Error): GraphQLError {
  return new GraphQLError(ERRORS[code].en, { extensions: { code }, ...(cause === undefined ? {} : { originalError: cause }) });
}

const kindOf = (context: unknown): Caller['kind'] | null => (context as HubContext | undefined)?.caller?.kind ?? null;

/** Rules are asked anew for each field (`no_cache`): a remembered answer would be another caller's. They answer with an error that has a code. */
const isCaller = rule({ cache: 'no_cache' })((_parent, _args, context: unknown) =>
  kindOf(context) === null ? refusal('FORBIDDEN') : true,
);
const isCitizen = rule({ cache: 'no_cache' })((_parent, _args, context: unknown) =>
  kindOf(context) === 'CITIZEN' ? true : refusal('FORBIDDEN'),
);
const isSelf = rule({ cache: 'no_cache' })((_parent, { representations }: { representations?: unknown }, context: unknown) => {
  const subject = (context as HubContext | undefined)?.caller?.subject;
  const all: readonly unknown[] = Array.isArray(representations) ? representations : [null];
  const isHers = (one: unknown): boolean => {
    const { __typename, id } = (one ?? {}) as { __typename?: unknown; id?: unknown };
    return __typename === 'DataSubject' && subject !== undefined && id === subject;
  };
  return all.every(isHers) ? true : refusal('FORBIDDEN');
});

/**
 * Deny by default: a root field or a type that is not named here is closed. The types below are reached through guarded fields alone; only
 * `Consent` has a resolver of its own, and is guarded again for it.
 */
const RULES = {
  Query: { '*': deny, me: isCaller, consents: isCitizen, consent: isCitizen, accessLog: isCitizen, _entities: isSelf, _service: deny },
  Mutation: { '*': deny, withdrawConsent: isCitizen, narrowConsent: isCitizen, shortenConsent: isCitizen },
  DataSubject: { '*': deny, id: isCaller },
  Consent: { '*': allow, receipt: isCitizen },
  ...Object.fromEntries(
    ['BilingualText', 'ConsentPage', 'Party', 'Purpose', 'ConsentStatement', 'FieldsOfDataset', 'ConsentField', 'ConsentChange'].map(
      (type) => [type, allow],
    ),
  ),
  ...Object.fromEntries(['AccessLogPage', 'AccessLogEntry', 'RefusedFields', 'RecordCount'].map((type) => [type, allow])),
};

/** What went wrong, without a word that is not the table's; the cause stays on it for the operator's log. */
function neutral(cause: unknown): Error {
  if (cause === null) return refusal('FORBIDDEN');
  if (cause instanceof HubError) return new GraphQLError(cause.sentence('en'), { originalError: cause, extensions: { code: cause.code } });
  if (cause instanceof GraphQLError && typeof cause.extensions['code'] === 'string') return cause;
  return refusal('INTERNAL', cause instanceof Error ? cause : undefined);
}

/** The hub's own schema behind graphql-shield. */
export function guarded(schema: GraphQLSchema): GraphQLSchema {
  const rules: Readonly<Record<string, unknown>> = RULES;
  const generated = shield(RULES as IRules, { fallbackRule: deny, fallbackError: neutral }).generate(schema) as IMiddlewareTypeMap;
  // A type that is open as a whole needs no wrapper, which would cost a promise for each field.
  return applyMiddleware(schema, Object.fromEntries(Object.entries(generated).filter(([type]) => rules[type] !== allow)));
}
