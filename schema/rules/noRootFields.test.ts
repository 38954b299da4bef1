import { describe, expect, it } from '@jest/globals';
import { noRootFields } from './noRootFields.ts';
import { SAMPLE, says } from './sampleAgency.ts';

describe('noRootFields', () => {
  it('lets an agency pass that has none', () => expect(says(noRootFields, SAMPLE)).toEqual([]));

  it.each(['type Query { a: Int }', 'extend type Query { a: Int }', 'type Mutation { a: Int }', 'extend type Subscription { a: Int }'])(
    'refuses %s',
    (sdl) => {
      expect(says(noRootFields, sdl)[0]).toMatch(/^\w+: an agency has no root fields\. Put the data below "extend type DataSubject"\.$/);
    },
  );
});
