import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
  type: 'LaborInsuranceEnrolment',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['insuredUnitNumber', 'insuredUnitName', 'action', 'effectiveDate', 'insuredSalary'],
});
