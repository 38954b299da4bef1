import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { LaborInsuranceEnrolmentRecord } from './generated/resolvers.ts';

export default defineDataset<LaborInsuranceEnrolmentRecord>({
  type: 'LaborInsuranceEnrolment',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['insuredUnitNumber', 'insuredUnitName', 'action', 'effectiveDate', 'insuredSalary'],
});
