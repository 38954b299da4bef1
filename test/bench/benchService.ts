import type { ServiceRow } from '../../gateway/consent/serviceRows.ts';
import { leafAt } from '../../gateway/domain/registration.ts';
import type { Contract } from '../../schema/contract.ts';
import { CLIENT } from './benchKeys.ts';
import { QUESTION } from './question.ts';

const said = { 'zh-TW': '量測', en: 'Bench' };

/** The bench's own service: it may ask every field of the query, third-party ones included. */
export function benchService(contract: Contract): ServiceRow {
  return {
    id: 'bench.everything',
    channel: 'ONLINE',
    provider: 'bench.provider',
    providerName: said,
    ministry: 'bench',
    name: said,
    purpose: said,
    pdpaPurpose: '109',
    legalBasis: said,
    mode: 'PERIOD',
    longest: 'P6M',
    datasets: QUESTION.map(({ dataset, paths }) => {
      const thirdPartyFields = paths.filter((path) => leafAt(contract, dataset, path)?.thirdParty === true);
      return {
        dataset,
        necessity: 'OPTIONAL' as const,
        fields: [...paths],
        ...(thirdPartyFields.length > 0 && { thirdPartyFields }),
        why: said,
      };
    }),
    clients: [CLIENT],
  };
}
