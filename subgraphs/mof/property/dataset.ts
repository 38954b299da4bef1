import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
  type: 'Property',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['queryDate', 'itemCount', 'totalValue', 'items', 'items.propertyClass', 'items.location', 'items.presentValue'],
});
