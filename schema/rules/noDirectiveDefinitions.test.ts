import { describe, expect, it } from '@jest/globals';
import { noDirectiveDefinitions } from './noDirectiveDefinitions.ts';
import { SAMPLE, says } from './sampleAgency.ts';

describe('noDirectiveDefinitions', () => {
  it('lets an agency pass that has none', () => expect(says(noDirectiveDefinitions, SAMPLE)).toEqual([]));

  it.each(['@dataset(id: String!) on OBJECT', '@personal(special: Boolean) on FIELD_DEFINITION', '@mine on OBJECT'])(
    'refuses directive %s',
    (sdl) => {
      expect(says(noDirectiveDefinitions, `directive ${sdl}`)[0]).toMatch(
        /^@\w+: directives are defined in schema\/prelude\.graphql only\./,
      );
    },
  );
});
