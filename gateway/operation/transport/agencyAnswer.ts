import type { AgencyAnswer, AgencyError, DatasetStanding } from '../../../schema/agencyTransport.ts';
import { ERRORS, type ErrorCode } from '../../../schema/errors.ts';

type Standings = Readonly<Record<string, DatasetStanding>>;

const STATES: ReadonlySet<unknown> = new Set(['AVAILABLE', 'NOT_HELD', 'PENDING', 'UNAVAILABLE']);

/**
 * What the gateway takes from an agency's body: data, where errors are and their codes, where its datasets stand. An agency's own words,
 * members that nobody agreed on and other agencies' datasets stay outside. Null when the body is no GraphQL answer.
 */
export function readAgencyAnswer(agency: string, body: unknown): AgencyAnswer | null {
  if (!isObject(body)) return null;
  const { data, errors, extensions } = body;
  if (data !== undefined && data !== null && !isObject(data)) return null;
  if (errors !== undefined && !(Array.isArray(errors) && errors.length > 0)) return null;
  if (data === undefined && errors === undefined) return null;
  const answer: { data?: Record<string, unknown> | null; errors?: AgencyError[]; extensions: { datasets: Standings } } = {
    extensions: { datasets: readStandings(`${agency}.`, isObject(extensions) ? extensions['datasets'] : undefined) },
  };
  if (data !== undefined) answer.data = data;
  if (errors !== undefined) answer.errors = errors.map(readError);
  return answer;
}

/** The code that a refusal of the whole request carries, if it is one that an agency gives. */
export function refusalCode(body: unknown): ErrorCode | null {
  const errors: unknown = isObject(body) ? body['errors'] : undefined;
  return Array.isArray(errors) ? agencyCode(errors[0]) : null;
}

function agencyCode(error: unknown): ErrorCode | null {
  const code = isObject(error) && isObject(error['extensions']) ? error['extensions']['code'] : undefined;
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return null;
  return code.startsWith('WARRANT_') || code === 'CHECK_UNKNOWN' || code === 'TOO_MANY_REQUESTS' || code === 'REQUEST_MALFORMED'
    ? (code as ErrorCode)
    : null;
}

function readError(error: unknown): AgencyError {
  const code = agencyCode(error) ?? 'SOURCE_UNAVAILABLE';
  const path: unknown = isObject(error) ? error['path'] : undefined;
  const places = Array.isArray(path)
    ? path.filter((step): step is string | number => typeof step === 'string' || typeof step === 'number')
    : null;
  return { message: ERRORS[code].en, ...(places && { path: places }), extensions: { code } };
}

function readStandings(prefix: string, value: unknown): Standings {
  const standings: Record<string, DatasetStanding> = {};
  if (!isObject(value)) return standings;
  for (const dataset in value) {
    const standing = value[dataset];
    if (!dataset.startsWith(prefix) || !isObject(standing)) continue;
    const { state, asOf, endCursor } = standing;
    if (!isState(state) || !isShort(asOf)) continue;
    standings[dataset] = isShort(endCursor) ? { state, asOf, endCursor } : { state, asOf };
  }
  return standings;
}

function isState(value: unknown): value is DatasetStanding['state'] {
  return STATES.has(value);
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
