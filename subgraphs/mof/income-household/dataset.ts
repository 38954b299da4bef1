import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { HouseholdIncome } from './generated/resolvers.ts';

export default defineDataset<HouseholdIncome>({
  type: 'HouseholdIncome',
  load: mongoSource('nationalId'),
  required: [
    'taxYear',
    'countedMembers',
    'totalIncome',
    'belowThreshold',
    'thresholdAmount',
    'members',
    'members.name',
    'members.relation',
    'members.income',
  ],
});
