import { describe, expect, it } from '@jest/globals';
import { datasetFacts } from './datasetFacts.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('datasetFacts', () => {
  it('lets known facts pass', () => expect(says(datasetFacts, SAMPLE)).toEqual([]));

  it.each([
    [
      'refresh: "realtime"',
      'refresh: "hourly"',
      'refresh "hourly" is not one of realtime, event-driven, daily, weekly, monthly, quarterly, yearly.',
    ],
    ['社會救助法 | Public', 'Public', 'legalBasis must read "中文 | English".'],
    ['["json", "pdf"]', '["json", "docx"]', 'format "docx" is not one of json, csv, pdf, fhir, espi-xml.'],
    ['unit: "mohw.sasw"', 'unit: "mohw.sasw", secret: true', '@dataset has no argument "secret".'],
  ])('refuses %s as %s', (from, to, message) => {
    expect(saysOfChange(datasetFacts, from, to)).toEqual([`LowIncome: ${message}`]);
  });
});
