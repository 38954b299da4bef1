import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { LowIncome } from './generated/resolvers.ts';

export default defineDataset<LowIncome>({
  type: 'LowIncome',
  load: mongoSource('nationalId'),
  // A certificate that has ended, or not begun, is no certificate: the register answers as for anybody without one.
  isCurrent: ({ validFrom, validTo }, registerDate) => String(validFrom) <= registerDate && registerDate <= String(validTo),
  required: [
    'certificateNumber',
    'category',
    'approvingGovernment',
    'approvedDate',
    'validFrom',
    'validTo',
    'householdHeadName',
    'listedMembers',
    'listedMembers.name',
    'listedMembers.nationalId',
    'listedMembers.relation',
  ],
  formats: { 'listedMembers.nationalId': 'tw-national-id' },
});
