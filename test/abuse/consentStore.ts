import type { Contract } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { openConsents, type Consents } from '../../gateway/consent/consents.ts';
import type { ServiceRow } from '../../gateway/consent/serviceRows.ts';
import type { ConsentChange } from '../../gateway/domain/auditEntry.ts';
import type { Statement } from '../../gateway/domain/consent.ts';
import { openHubDatabase, type HubDatabase } from '../fixtures/hubDatabase.ts';
import { CONTRACT, EVERYTHING, HER, NOW, proof, ROW } from './consentWorld.ts';

export interface ConsentStore extends HubDatabase {
  readonly consents: Consents;
  /** What the audit log took, in its order. */
  readonly published: ConsentChange[];
  readonly alarms: string[];
  /** Set to stop the clock elsewhere, to make the audit log fail, to change the contract. */
  readonly set: { now: number; auditDown: boolean; contract: Contract };
  /** A second gateway on the same database. */
  replica(): Promise<Consents>;
  /** Asks as a relying party. Throws when it is refused. */
  ask(fields?: FieldSet, members?: Readonly<Record<string, unknown>>): Promise<string>;
  /** From request to grant, with a certificate. Throws when it is refused; the consent's id. */
  give(
    agreed: FieldSet,
    asked?: FieldSet,
    who?: { subject?: string; acts?: Exclude<Statement['kind'], 'ORDINARY'>[]; method?: string },
  ): Promise<string>;
}

export const details = (fields: FieldSet, members: Readonly<Record<string, unknown>> = {}) => [
  { type: 'urn:mydata:consent', service: ROW.id, datasets: fields, ...members },
];

/** The consent room on a fresh database: embedded, or on MONGODB_URI when set. Ids are `c1`, `c2`, …; the clock stands. */
export async function openConsentStore(rows: readonly ServiceRow[] = [ROW]): Promise<ConsentStore> {
  const database = await openHubDatabase();
  const published: ConsentChange[] = [];
  const alarms: string[] = [];
  const set = { now: NOW, auditDown: false, contract: CONTRACT };
  let ids = 0;
  const open = (): Promise<Consents> =>
    openConsents({
      connection: database.connection,
      contract: () => set.contract,
      now: () => set.now,
      randomId: () => `c${String(++ids)}`,
      publish: async (change) => {
        if (set.auditDown) throw new Error('audit log down');
        const isKnown = published.some(
          ({ consent, consentVersion }) => consent === change.consent && consentVersion === change.consentVersion,
        );
        if (!isKnown) published.push(change);
      },
      signReceipt: async (receipt) => `signed ${JSON.stringify(receipt)}`,
      issuer: 'https://hub.example/oidc',
      manageAt: 'https://hub.example/me/consents',
      alarm: (sentence) => alarms.push(sentence),
    });
  const consents = await open();
  await consents.services.register(rows);

  async function ask(fields: FieldSet = EVERYTHING, members: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const asked = await consents.request('aid-system', details(fields, members));
    if (asked.kind === 'REFUSED') throw new Error(JSON.stringify(asked));
    return asked.consent._id;
  }

  return {
    ...database,
    consents,
    published,
    alarms,
    set,
    replica: open,
    ask,
    async give(agreed, asked = agreed, { subject = HER, acts = [], method = 'citizen-certificate' } = {}) {
      const who = { consentId: await ask(asked), subject, proof: proof(method) };
      const shown = await consents.screen({ ...who, language: 'zh-TW' });
      if (shown.kind === 'REFUSED') throw new Error(JSON.stringify(shown));
      const given = await consents.grant({ ...who, agreed, acts, screenHash: shown.hash });
      if (given.kind === 'REFUSED') throw new Error(JSON.stringify(given));
      return who.consentId;
    },
    async close() {
      await consents.close();
      await database.close();
    },
  };
}
