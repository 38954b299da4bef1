import { HubError } from '../../schema/errors.ts';
import type { AccessEntry, AccessPage, AuditBody, ConsentChange, DisclosureOutcome } from '../domain/auditEntry.ts';
import type { Batch } from './batch.ts';
import { changeKey, keysOf, outcomeKey } from './batch.ts';
import type { BatchModel } from './batchModel.ts';

const LONGEST_PAGE = 100;
/** `<batch id>.<place in the batch>`; nothing else reaches a filter. */
const CURSOR = /^(\d{15}\.[A-Za-z0-9_-]{1,64}\.\d{10})\.(\d{1,4})$/;

interface Found {
  readonly id: string;
  readonly batch: string;
  readonly body: AuditBody;
}

/**
 * Entries found by one key (a subject's), newest first, an intent merged with its outcome and a consent change shown once.
 * Throws REQUEST_MALFORMED for a page that is none.
 */
export async function readAccess(model: BatchModel, key: string, { first, after, kinds, consent }: AccessPage): Promise<AccessEntry[]> {
  if (!Number.isInteger(first) || first < 1 || first > LONGEST_PAGE)
    throw new HubError('REQUEST_MALFORMED', `first: 1 to ${LONGEST_PAGE}.`);
  const lines: AccessEntry[] = [];
  let place = after === undefined ? null : cursor(after);
  for (;;) {
    // The batch of a cursor once more, for the entries before it; after that, older batches only.
    const older = place === null ? {} : { _id: place.entry > 0 ? { $lte: place.batch } : { $lt: place.batch } };
    const batches = await model
      .find({ keys: key, ...older }, { entries: 1 })
      .sort({ _id: -1 })
      .limit(first)
      .lean<Pick<Batch, '_id' | 'entries'>[]>();
    const found = batches.flatMap((batch) => entriesOf(batch, key, batch._id === place?.batch ? place.entry : Infinity));
    const kept = found.filter(
      ({ body }) => (kinds?.includes(kindOf(body)) ?? true) && (consent === undefined || consentOf(body) === consent),
    );
    while (kept.length > 0 && lines.length < first) lines.push(...(await merge(model, kept.splice(0, first - lines.length))));
    const last = batches.at(-1);
    if (lines.length === first || last === undefined || batches.length < first) return lines;
    place = { batch: last._id, entry: 0 };
  }
}

function cursor(after: string): { batch: string; entry: number } {
  const [, batch, entry] = CURSOR.exec(after) ?? [];
  if (batch === undefined) throw new HubError('REQUEST_MALFORMED', 'after: not a cursor of this list.');
  return { batch, entry: Number(entry) };
}

/** Entries of one batch that the key finds, newest first, those from `before` on left out. */
function entriesOf({ _id, entries }: Pick<Batch, '_id' | 'entries'>, key: string, before: number): Found[] {
  const needle = JSON.stringify(key.slice(key.indexOf(':') + 1));
  return entries
    .flatMap(({ body }, entry) => {
      if (entry >= before || body === null || !body.includes(needle)) return [];
      const parsed = JSON.parse(body) as AuditBody;
      return keysOf(parsed).includes(key) ? [{ id: `${_id}.${entry}`, batch: _id, body: parsed }] : [];
    })
    .reverse();
}

const kindOf = ({ kind }: AuditBody): AccessEntry['kind'] => (kind === 'DISCLOSURE_INTENT' ? 'DISCLOSURE' : (kind as AccessEntry['kind']));

const consentOf = (body: AuditBody): string | null => ('consent' in body ? body.consent : null);

/** Outcomes come later than their intents, in whichever batch; one consent change may have been published twice by two processes. */
async function merge(model: BatchModel, found: readonly Found[]): Promise<AccessEntry[]> {
  const wanted = found.flatMap(({ body }) =>
    body.kind === 'DISCLOSURE_INTENT'
      ? [outcomeKey(body.request)]
      : body.kind === 'CONSENT'
        ? [changeKey(body.consent, body.consentVersion)]
        : [],
  );
  const outcomes = new Map<string, DisclosureOutcome>();
  const firstChanges = new Map<string, string>();
  if (wanted.length > 0) {
    const batches = await model
      .find({ keys: { $in: wanted } }, { entries: 1 })
      .sort({ _id: 1 })
      .lean<Pick<Batch, '_id' | 'entries'>[]>();
    for (const { _id, entries } of batches) {
      for (const [entry, { body }] of entries.entries()) {
        if (body === null || !(body.includes('"DISCLOSURE_OUTCOME"') || body.includes('"CONSENT"'))) continue;
        const parsed = JSON.parse(body) as AuditBody;
        if (parsed.kind === 'DISCLOSURE_OUTCOME' && !outcomes.has(parsed.request)) outcomes.set(parsed.request, parsed);
        const change = parsed.kind === 'CONSENT' ? changeKey(parsed.consent, parsed.consentVersion) : null;
        if (change !== null && !firstChanges.has(change)) firstChanges.set(change, `${_id}.${entry}`);
      }
    }
  }
  return found.flatMap(({ id, body }) => {
    if (body.kind === 'CONSENT' && firstChanges.get(changeKey(body.consent, body.consentVersion)) !== id) return [];
    const line = lineOf(id, body, outcomes.get(body.request));
    return line === null ? [] : [line];
  });
}

function lineOf(id: string, body: AuditBody, outcome: DisclosureOutcome | undefined): AccessEntry | null {
  const { at, request } = body;
  const nobody = { client: null, provider: null, service: null, purpose: null, consent: null, consentVersion: null };
  const base = { id, at, request, permitted: {}, refused: [], count: 1 };
  switch (body.kind) {
    case 'DISCLOSURE_INTENT': {
      const came = outcome === undefined ? {} : { counts: outcome.counts, failedAgencies: outcome.failed };
      return {
        ...base,
        kind: 'DISCLOSURE',
        ...asking(body),
        permitted: body.permitted,
        refused: body.refused,
        channel: body.channel,
        ...came,
      };
    }
    case 'REFUSAL':
      return { ...base, kind: 'REFUSAL', ...asking(body), refused: body.refused, count: body.count };
    case 'CONSENT':
      return { ...base, kind: 'CONSENT', ...asking(body), permitted: body.fields, event: body.event };
    case 'LOGIN':
      return { ...base, kind: 'LOGIN', ...nobody, login: { method: body.method, outcome: body.outcome } };
    case 'CHECK':
      return { ...base, kind: 'CHECK', ...nobody, check: { agency: body.agency, predicate: body.predicate } };
    default:
      return null;
  }
}

function asking({ client, provider, service, purpose, consent, consentVersion }: Omit<ConsentChange, 'kind' | 'event' | 'fields'>) {
  return { client, provider, service, purpose, consent, consentVersion };
}
