import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';
import type { CadastrePriceRecord } from './generated/resolvers.ts';

export default defineDataset<CadastrePriceRecord>({
  type: 'CadastrePrice',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['propertyKind', 'cityDistrict', 'sectionName', 'areaSquareMetre', 'shareNumerator', 'shareDenominator', 'registrationDate'],
});
