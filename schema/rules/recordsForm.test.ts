import { describe, expect, it } from '@jest/globals';
import { recordsForm } from './recordsForm.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

const RECORDS = 'records(first: Int, after: String): [Visit]';

describe('recordsForm', () => {
  it('lets records(first, after) pass', () => expect(says(recordsForm, SAMPLE)).toEqual([]));

  it.each([
    'records: [Visit]',
    'records(first: Int): [Visit]',
    'records(first: Int, after: String, year: Int): [Visit]',
    'records(first: Int!, after: String): [Visit]',
  ])('refuses %s', (form) => {
    expect(saysOfChange(recordsForm, RECORDS, form)).toEqual([
      expect.stringMatching(/^Visits\.records: its arguments are .*, and must be \(first: Int, after: String\)\.$/),
    ]);
  });

  it('refuses records that are no list of objects', () => {
    expect(saysOfChange(recordsForm, '[Visit]', 'Visit')).toEqual(['Visits.records: it is no list of objects.']);
    expect(saysOfChange(recordsForm, '[Visit]', '[[Visit]]')).toHaveLength(1);
    expect(saysOfChange(recordsForm, '[Visit]', '[String]')).toHaveLength(1);
  });

  it('refuses a second field beside records', () => {
    expect(saysOfChange(recordsForm, RECORDS, `${RECORDS} total: Int`)).toEqual([
      'Visits.records: it is not the only field of the root. Move the others into the record or another dataset.',
    ]);
  });

  it('refuses the name elsewhere, where a path could not leave it out', () => {
    expect(saysOfChange(recordsForm, 'name: String', 'records: String')).toEqual([
      'ListedMember.records: only a dataset\'s root has "records", since paths leave it out. Choose another name.',
    ]);
  });
});
