import { GraphQLScalarType, Kind } from 'graphql';
import { HubError } from '../../schema/errors.ts';

/** RFC 3339 with an offset: a time without one is another time in another country. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

function milliseconds(value: unknown): number {
  const at = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new HubError('REQUEST_MALFORMED', 'DateTime: RFC 3339 with an offset.');
  return at;
}

/** Milliseconds since the epoch inside, RFC 3339 outside. */
export const DateTime = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue: milliseconds,
  parseLiteral: (node) => milliseconds(node.kind === Kind.STRING ? node.value : undefined),
});
