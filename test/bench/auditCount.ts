import { allBatches, batchModel } from '../../gateway/audit/batchModel.ts';
import type { Store } from '../../store/openStore.ts';
import type { AuditCounts } from './gatewayWiring.ts';

/** Reads the whole log as a stranger would: what is not there was not recorded. */
export async function countAudit(store: Store): Promise<AuditCounts> {
  const counts = { intents: 0, outcomes: 0, warrants: 0, commits: 0 };
  for await (const { entries } of allBatches(batchModel(await store.database('audit')))) {
    counts.commits += 1;
    for (const { body } of entries) {
      const { kind, warrants = [] } = JSON.parse(body ?? '{}') as { readonly kind?: string; readonly warrants?: readonly unknown[] };
      if (kind === 'DISCLOSURE_OUTCOME') counts.outcomes += 1;
      if (kind !== 'DISCLOSURE_INTENT') continue;
      counts.intents += 1;
      counts.warrants += warrants.length;
    }
  }
  return counts;
}
