import { defineDataset } from '../../_kit/defineDataset.ts';
import { mongoSource } from '../../_kit/mongoSource.ts';

export default defineDataset({
  type: 'CadastrePrice',
  load: mongoSource('nationalId', 'uiNumber'),
  required: ['propertyKind', 'cityDistrict', 'sectionName', 'areaSquareMetre', 'shareNumerator', 'shareDenominator', 'registrationDate'],
});
