import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
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
