import { describe, expect, it } from '@jest/globals';
import { refusal } from '../../test/fixtures/auditBodies.ts';
import { NOON } from '../../test/fixtures/auditDatabase.ts';
import type { RefusalEntry } from '../domain/auditEntry.ts';
import { foldRefusals } from './foldedRefusals.ts';

function folding(most = 100) {
  const written: RefusalEntry[] = [];
  const clock = { now: NOON };
  const folds = foldRefusals(
    () => clock.now,
    (body) => written.push(body),
    most,
  );
  folds.close();
  return { written, clock, folds };
}

describe('foldedRefusals', () => {
  it('counts identical refusals of one minute as one entry, written when the minute is over', () => {
    const { written, clock, folds } = folding();
    for (const seconds of [0, 10, 59]) {
      clock.now = NOON + seconds * 1000;
      folds.add(refusal({ at: clock.now, request: `request-${seconds}` }));
    }
    expect(written).toEqual([]);
    clock.now = NOON + 60_000;
    folds.add(refusal({ at: clock.now, request: 'request-60' }));
    expect(written).toEqual([refusal({ at: NOON, request: 'request-0', count: 3 })]);
    folds.close();
  });

  it('keeps apart what differs in anything but request and time', () => {
    const { written, folds } = folding();
    folds.add(refusal());
    folds.add(refusal({ subject: 'subject-2' }));
    folds.add(refusal({ documentHash: 'document-2' }));
    folds.add(refusal({ refused: [] }));
    expect(folds.take()).toBe(4);
    expect(written.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
    folds.close();
  });

  it('gives out those of one subject, or of one consent', () => {
    const { written, folds } = folding();
    folds.add(refusal());
    folds.add(refusal({ subject: 'subject-2', consent: 'consent-2' }));
    expect(folds.take({ subject: 'subject-2' })).toBe(1);
    expect(folds.take({ subject: 'subject-2' })).toBe(0);
    expect(folds.take({ consent: 'consent-1' })).toBe(1);
    expect(written.map(({ subject }) => subject)).toEqual(['subject-2', 'subject-1']);
    folds.close();
  });

  it('ends the oldest early when there are too many different ones', () => {
    const { written, folds } = folding(2);
    for (const number of [1, 2, 3, 4]) folds.add(refusal({ documentHash: `document-${number}` }));
    expect(written.map(({ documentHash }) => documentHash)).toEqual(['document-1', 'document-2']);
    folds.close();
  });
});
