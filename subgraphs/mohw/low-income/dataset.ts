import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
  type: 'LowIncome',
  load: mongoSource('nationalId'),
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
