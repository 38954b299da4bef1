import { describe, expect, it } from '@jest/globals';
import { HeldDocuments } from './heldDocuments.ts';

const held = () => new HeldDocuments<{ readonly state: string }>(100_000);

describe('a held document', () => {
  it('goes with the write that changes it, and is held again only once that write has settled', () => {
    const documents = held();
    documents.hold('a', { state: 'ACTIVE' }, 100);
    expect(documents.get('a')).toEqual({ state: 'ACTIVE' });
    documents.changed('a');
    expect(documents.get('a')).toBeUndefined();
    // Read from the file while the disk has not got the write: good for this reader, but not to be kept.
    documents.hold('a', { state: 'WITHDRAWN' }, 100);
    expect(documents.get('a')).toBeUndefined();
    documents.settled();
    documents.hold('a', { state: 'WITHDRAWN' }, 100);
    expect(documents.get('a')).toEqual({ state: 'WITHDRAWN' });
  });

  it('is not held at all after a sync that failed: whether the disk has it nobody knows', () => {
    const documents = held();
    documents.changed('a');
    for (let time = 0; time < 3; time++) documents.hold('a', { state: 'WITHDRAWN' }, 100);
    expect(documents.get('a')).toBeUndefined();
    documents.hold('b', { state: 'ACTIVE' }, 100);
    expect(documents.get('b')).toEqual({ state: 'ACTIVE' });
  });

  it('goes with its collection', () => {
    const documents = held();
    documents.hold('a', { state: 'ACTIVE' }, 100);
    documents.dropped();
    expect(documents.get('a')).toBeUndefined();
  });
});
