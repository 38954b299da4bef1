import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
  type: 'SeniorHighEnrolment',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['schoolCode', 'schoolName', 'programmeType', 'studentNumber', 'grade', 'semester', 'status', 'admissionDate'],
});
