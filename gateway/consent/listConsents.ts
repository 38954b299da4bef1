import { HubError } from '../../schema/errors.ts';
import type { Consent } from '../domain/consent.ts';
import { fromStored, type ConsentModel, type StoredConsent } from './consentModel.ts';

export interface ConsentPage {
  readonly consents: readonly Consent[];
  /** Given back as `after`, it continues; null on the last page. */
  readonly endCursor: string | null;
}

export interface ConsentList {
  /** A data subject's consents, newest first. Throws REQUEST_MALFORMED for a page that is none. */
  listForSubject(subject: string, page: { readonly first: number; readonly after?: string | null | undefined }): Promise<ConsentPage>;
}

const LONGEST_PAGE = 100;
const CURSOR = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/;

export function listConsents(model: ConsentModel): ConsentList {
  const find = (filter: Record<string, unknown>, limit: number): Promise<StoredConsent[]> =>
    model.find(filter).sort({ notBefore: -1, _id: -1 }).limit(limit).read('primary').lean<StoredConsent[]>().exec();

  return {
    async listForSubject(subject, { first, after }) {
      if (!Number.isInteger(first) || first < 1 || first > LONGEST_PAGE)
        throw new HubError('REQUEST_MALFORMED', `first: 1 to ${LONGEST_PAGE}.`);
      const hers = { subject: String(subject) };
      const wanted = first + 1;
      const found: StoredConsent[] = [];
      if (typeof after === 'string') {
        const [, time, id] = CURSOR.exec(after) ?? [];
        if (time === undefined) throw new HubError('REQUEST_MALFORMED', 'after: not a cursor of this list.');
        found.push(...(await find({ ...hers, notBefore: Number(time), _id: { $lt: id } }, wanted)));
        if (found.length < wanted) found.push(...(await find({ ...hers, notBefore: { $lt: Number(time) } }, wanted - found.length)));
      } else {
        found.push(...(await find(hers, wanted)));
      }
      const consents = found.slice(0, first).map(fromStored);
      const last = consents.at(-1);
      return { consents, endCursor: found.length > first && last !== undefined ? `${last.notBefore}.${last._id}` : null };
    },
  };
}
