import type { AgencyAnswer, AgencyError, DatasetStanding } from '../../../schema/agencyTransport.ts';
import { ERRORS, type ErrorCode } from '../../../schema/errors.ts';

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
  const datasets = readStandings(agency, isObject(extensions) ? extensions['datasets'] : undefined);
  return {
    ...(data !== undefined && { data }),
    ...(errors !== undefined && { errors: errors.map(readError) }),
    extensions: { datasets },
  };
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

function readStandings(agency: string, value: unknown): Readonly<Record<string, DatasetStanding>> {
  if (!isObject(value)) return {};
  const standings = Object.entries(value).flatMap(([dataset, standing]): [string, DatasetStanding][] => {
    if (!dataset.startsWith(`${agency}.`) || !isObject(standing)) return [];
    const { state, asOf, endCursor } = standing;
    if (!STATES.has(state) || !isShort(asOf)) return [];
    return [[dataset, { state: state as DatasetStanding['state'], asOf, ...(isShort(endCursor) && { endCursor }) }]];
  });
  return Object.fromEntries(standings);
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
