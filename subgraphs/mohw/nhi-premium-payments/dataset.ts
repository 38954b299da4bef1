import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
  type: 'NhiPremiumPayments',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['billingMonth', 'insuredUnitName', 'insuredCategory', 'premiumDue', 'dueDate'],
});
