import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
  type: 'StudentAid',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['caseNumber', 'semester', 'aidKind', 'status'],
});
