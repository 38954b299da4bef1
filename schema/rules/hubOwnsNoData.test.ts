import { describe, expect, it } from '@jest/globals';
import { hubOwnsNoData } from './hubOwnsNoData.ts';
import { says } from './sampleAgency.ts';

describe('hubOwnsNoData', () => {
  it('lets a hub pass that owns me', () => {
    expect(
      says(
        hubOwnsNoData,
        'type Query { me: DataSubject consents: [Consent] } type Consent { id: ID } type DataSubject { id: ID! @inaccessible }',
      ),
    ).toEqual([]);
  });

  it.each([
    ['a dataset of its own', 'extend type DataSubject { box: Box } type Box { a: Int }', 'DataSubject.box: the hub holds no dataset.'],
    [
      'a way to somebody else',
      'type Query { person(nationalId: ID): DataSubject }',
      'Query.person: only Query.me, without arguments, leads to DataSubject.',
    ],
    ['arguments of me', 'type Query { me(as: ID): DataSubject }', 'Query.me: only Query.me, without arguments, leads to DataSubject.'],
    [
      'a subject below a consent',
      'type Consent { of: [DataSubject] }',
      'Consent.of: only Query.me, without arguments, leads to DataSubject.',
    ],
  ])('refuses %s', (_what, sdl, message) => expect(says(hubOwnsNoData, sdl)).toEqual([message]));
});
