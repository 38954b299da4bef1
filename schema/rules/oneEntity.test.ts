import { describe, expect, it } from '@jest/globals';
import { oneEntity } from './oneEntity.ts';
import { SAMPLE, says, saysOfChange } from './sampleAgency.ts';

describe('oneEntity', () => {
  it('lets an agency pass that extends DataSubject', () => expect(says(oneEntity, SAMPLE)).toEqual([]));

  it('refuses another entity', () => {
    expect(saysOfChange(oneEntity, 'type Visit {', 'type Visit @key(fields: "date") {')).toEqual([
      '@key: DataSubject is the one entity. Take this key out.',
    ]);
    expect(saysOfChange(oneEntity, 'type Visit {', 'type Visit @federation__key(fields: "date") {')).toHaveLength(1);
  });

  it('refuses a second key of DataSubject', () => {
    expect(says(oneEntity, 'extend type DataSubject @key(fields: "nationalId") { nationalId: ID }')).toEqual([
      '@key: DataSubject is the one entity. Take this key out.',
    ]);
  });

  it('refuses a definition of DataSubject, and of its id', () => {
    expect(says(oneEntity, 'type DataSubject { id: ID! }')).toEqual([
      'DataSubject: the prelude defines it. Write "extend type DataSubject".',
      'DataSubject.id: the prelude defines it, inaccessible. Take this out.',
    ]);
  });
});
