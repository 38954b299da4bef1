import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { StudentAidRecord } from './generated/resolvers.ts';

export default defineDataset<StudentAidRecord>({
  type: 'StudentAid',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['caseNumber', 'semester', 'aidKind', 'status'],
});
