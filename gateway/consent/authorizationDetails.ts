import { z } from 'zod';
import type { Contract } from '../../schema/contract.ts';
import type { ErrorCode } from '../../schema/errors.ts';
import { difference, fieldSet, isEmpty, type FieldSet } from '../../schema/fieldSet.ts';
import type { Service } from '../domain/consent.ts';
import { isDuration, isNoLonger } from '../domain/duration.ts';
import { leafAt, upperBound } from '../domain/registration.ts';

/** The one type of RFC 9396 that this hub takes. */
export const CONSENT_TYPE = 'urn:mydata:consent';

const MOST_DATASETS = 200;
const MOST_FIELDS = 500;

const details = z
  .array(
    z.strictObject({
      type: z.literal(CONSENT_TYPE),
      service: z.string().min(1).max(128),
      datasets: z.record(z.string().min(1).max(128), z.array(z.string().min(1).max(200)).min(1).max(MOST_FIELDS)),
      duration: z.string().optional(),
      mode: z.enum(['ONE_TIME', 'PERIOD']).optional(),
    }),
  )
  .length(1);

/** A request within its service's registration. */
export interface ValidRequest {
  readonly kind: 'VALID';
  readonly service: Service;
  readonly fields: FieldSet;
  readonly duration: string;
  readonly mode: Service['mode'];
  readonly maxUses: number | null;
}

/** An expected refusal: what is wrong, and with what; never a personal value. */
export interface Refused {
  readonly kind: 'REFUSED';
  readonly code: ErrorCode;
  readonly detail?: string;
}

const refuse = (code: ErrorCode, detail?: string): Refused => ({ kind: 'REFUSED', code, ...(detail === undefined ? {} : { detail }) });

/**
 * Reads `authorization_details` (RFC 9396: exactly one element, of this hub's type) and holds it against the service's registration, before any
 * citizen sees it. `client` is the authenticated OAuth client. A service that is not the client's reads as unknown.
 */
export async function validateDetails(
  client: string,
  authorizationDetails: unknown,
  { readService, contract }: { readService: (id: string) => Promise<Service | null>; contract: Contract },
): Promise<ValidRequest | Refused> {
  const read = details.safeParse(authorizationDetails);
  const asked = read.data?.[0];
  if (asked === undefined) return refuse('REQUEST_MALFORMED', 'authorization_details');
  const names = Object.keys(asked.datasets);
  if (names.length === 0 || names.length > MOST_DATASETS) return refuse('REQUEST_MALFORMED', 'authorization_details.datasets');
  const service = await readService(asked.service);
  if (service === null || !service.clients.includes(client)) return refuse('SERVICE_UNKNOWN', shown(asked.service));
  if (service.state !== 'LIVE') return refuse('SERVICE_SUSPENDED', service._id);
  for (const [dataset, paths] of Object.entries(asked.datasets)) {
    if (!contract.datasets.has(dataset)) return refuse('DATASET_UNKNOWN', shown(dataset));
    const unknown = paths.find((path) => leafAt(contract, dataset, path) === undefined);
    if (unknown !== undefined) return refuse('FIELD_UNKNOWN', `${dataset}:${shown(unknown)}`);
  }
  const fields = fieldSet(Object.entries(asked.datasets));
  const beyond = difference(fields, upperBound(service, contract));
  if (!isEmpty(beyond)) return refuse('REQUEST_EXCEEDS_SERVICE', scopes(beyond));
  const duration = asked.duration ?? service.longest;
  if (!isDuration(duration)) return refuse('REQUEST_MALFORMED', 'authorization_details.duration');
  if (!isNoLonger(duration, service.longest)) return refuse('REQUEST_EXCEEDS_SERVICE', `duration: at most ${service.longest}`);
  const mode = asked.mode ?? service.mode;
  if (mode === 'PERIOD' && service.mode === 'ONE_TIME') return refuse('REQUEST_EXCEEDS_SERVICE', 'mode: ONE_TIME only');
  return { kind: 'VALID', service, fields, duration, mode, maxUses: mode === 'ONE_TIME' ? 1 : service.maxUses };
}

const scopes = (fields: FieldSet): string =>
  Object.entries(fields)
    .flatMap(([dataset, paths]) => paths.map((path) => `${dataset}:${path}`))
    .join(' ');
/** What a client sent is named back to it without control characters, and no longer than it takes to find it. */
const shown = (text: string): string => text.replace(/[^\x21-\x7e]/g, '?').slice(0, 80);
