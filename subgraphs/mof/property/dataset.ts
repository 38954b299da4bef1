import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { Property } from './generated/resolvers.ts';

export default defineDataset<Property>({
  type: 'Property',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['queryDate', 'itemCount', 'totalValue', 'items', 'items.propertyClass', 'items.location', 'items.presentValue'],
});
