import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
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
