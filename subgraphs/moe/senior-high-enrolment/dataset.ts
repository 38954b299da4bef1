import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { SeniorHighEnrolmentRecord } from './generated/resolvers.ts';

export default defineDataset<SeniorHighEnrolmentRecord>({
  type: 'SeniorHighEnrolment',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['schoolCode', 'schoolName', 'programmeType', 'studentNumber', 'grade', 'semester', 'status', 'admissionDate'],
});
