import type { ConsentChange } from '../domain/auditEntry.ts';
import type { Consent } from '../domain/consent.ts';
import { readConsent } from './changeConsent.ts';
import type { ConsentModel } from './consentModel.ts';

/** Appends a consent's event to the audit log, once however often it is called; resolves when it is durable there. */
export type PublishChange = (change: ConsentChange) => Promise<void>;

/** Events that wait in outboxes, published in their order and then cleared. Either half may be repeated; nothing is lost in between. */
export interface Outbox {
  /** One consent's. Rejects when the audit log does. */
  publish(consentId: string): Promise<void>;
  /** All that wait; how many consents had some. One that fails does not hold up the others; rejects with the first failure in the end. */
  publishAll(): Promise<number>;
}

const PAGE = 200;

export function outboxOf(model: ConsentModel, publish: PublishChange, randomId: () => string): Outbox {
  async function publishOf(consent: Consent): Promise<void> {
    for (const { kind, version, at, fields = {}, request = randomId() } of [...consent.outbox].sort((a, b) => a.version - b.version)) {
      await publish({
        kind: 'CONSENT',
        event: kind,
        request,
        at,
        subject: consent.subject,
        consent: consent._id,
        consentVersion: version,
        client: consent.client,
        provider: consent.provider,
        service: consent.service.id,
        purpose: consent.purpose.code,
        fields,
      });
      await model.updateOne({ _id: consent._id }, { $pull: { outbox: { version } } });
    }
  }

  async function publishById(id: string): Promise<void> {
    const consent = await readConsent(model, id);
    if (consent !== null) await publishOf(consent);
  }

  return {
    publish: publishById,
    async publishAll() {
      const failures: unknown[] = [];
      let count = 0;
      let after = '';
      for (;;) {
        const page = await model
          .find({ _id: { $gt: after }, 'outbox.version': { $gt: 0 } }, { _id: 1 })
          .sort({ _id: 1 })
          .limit(PAGE)
          .read('primary')
          .lean<{ _id: string }[]>();
        for (const { _id } of page) await publishById(_id).catch((failure: unknown) => failures.push(failure));
        count += page.length;
        after = page.at(-1)?._id ?? '';
        if (page.length < PAGE) break;
      }
      if (failures.length > 0) throw failures[0];
      return count;
    },
  };
}
