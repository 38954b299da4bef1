import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { HouseholdPersonal } from './generated/resolvers.ts';

export default defineDataset<HouseholdPersonal>({
  type: 'HouseholdPersonal',
  load: mongoSource('nationalId'),
  required: [
    'nationalId',
    'name',
    'birthDate',
    'sex',
    'maritalStatus',
    'householdNumber',
    'relationToHead',
    'registeredAddress',
    'idCardIssueDate',
    'idCardIssueType',
  ],
  formats: { nationalId: 'tw-national-id' },
});
