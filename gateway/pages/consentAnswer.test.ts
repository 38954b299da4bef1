import { describe, expect, it } from '@jest/globals';
import type { ScreenDataset, ScreenModel } from '../domain/screenModel.ts';
import { blockedDatasets, readAnswer, type Ticks } from './consentAnswer.ts';
import { sampleScreen } from '../../test/abuse/oidcScreen.ts';

const ticks = (fields: readonly string[], more: Partial<Ticks> = {}): Ticks => ({ fields, acts: [], duration: 'P6M', ...more });

describe('a consent form', () => {
  it('takes fixed fields whatever was sent, and optional ones that were ticked', () => {
    expect(readAnswer(sampleScreen, ticks(['b.two:open']))).toEqual({
      kind: 'AGREED',
      fields: { 'a.one': ['needed'], 'b.two': ['open'] },
      acts: [],
      duration: 'P6M',
    });
  });

  it('takes separate acts only with their confirmation', () => {
    expect(readAnswer(sampleScreen, ticks(['c.three:illness']))).toEqual({ kind: 'INCOMPLETE', reason: 'CONSENT_INCOMPLETE' });
    expect(readAnswer(sampleScreen, ticks(['c.three:illness'], { acts: ['SPECIAL'] }))).toMatchObject({
      kind: 'AGREED',
      acts: ['SPECIAL'],
    });
  });

  it('takes a confirmation without ticks as nothing agreed there', () => {
    expect(readAnswer(sampleScreen, ticks([], { acts: ['SPECIAL', 'THIRD_PARTY'] }))).toMatchObject({
      acts: [],
      fields: { 'a.one': ['needed'] },
    });
  });

  it.each([
    ['a field that cannot be opened', ticks(['b.two:closed'])],
    ['a field that is not on the screen', ticks(['b.two:soul'])],
    ['a member of the prototype', ticks(['__proto__:needed'])],
    ['a duration that was not offered', ticks([], { duration: 'P9Y' })],
    ['no duration', ticks([], { duration: '' })],
  ])('refuses %s', (_what, sent) => {
    expect(readAnswer(sampleScreen, sent)).toEqual({ kind: 'INCOMPLETE', reason: 'FORM_INVALID' });
  });
});

describe('a screen on which nothing that the service needs can be opened', () => {
  const closed = (necessity: ScreenDataset['necessity']): ScreenModel => ({
    ...sampleScreen,
    acts: sampleScreen.acts.map((act) => ({
      ...act,
      datasets: act.datasets.map((dataset) => ({
        ...dataset,
        necessity,
        fields: dataset.fields.map((field) => ({ ...field, openable: false, fixed: false })),
      })),
    })),
  });

  it('is blocked by a required dataset, not by an optional one', () => {
    expect(blockedDatasets(sampleScreen)).toEqual([]);
    expect(blockedDatasets(closed('REQUIRED')).map(({ id }) => id)).toEqual(['a.one', 'b.two']);
    expect(blockedDatasets(closed('OPTIONAL'))).toEqual([]);
  });
});
