import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { NhiPremiumPayment } from './generated/resolvers.ts';

export default defineDataset<NhiPremiumPayment>({
  type: 'NhiPremiumPayments',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['billingMonth', 'insuredUnitName', 'insuredCategory', 'premiumDue', 'dueDate'],
});
