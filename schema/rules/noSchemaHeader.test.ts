import { describe, expect, it } from '@jest/globals';
import { noSchemaHeader } from './noSchemaHeader.ts';
import { SAMPLE, says } from './sampleAgency.ts';

describe('noSchemaHeader', () => {
  it('lets an agency pass that has none', () => expect(says(noSchemaHeader, SAMPLE)).toEqual([]));

  it.each([
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@override"])',
    'extend schema @link(url: "https://mydata.example/contract/v1.0", as: "other")',
    'schema { query: Anything }',
  ])('refuses %s', (sdl) => {
    expect(says(noSchemaHeader, sdl)).toEqual([
      'schema: an agency has no schema header; schema/prelude.graphql is put before its files. Take this out.',
    ]);
  });
});
