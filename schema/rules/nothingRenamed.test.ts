import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { nothingRenamed } from './nothingRenamed.ts';

const PRELUDE = readFileSync(new URL('../prelude.graphql', import.meta.url), 'utf8');
const says = (sdl: string) => [...nothingRenamed({ name: 'mohw', sdl, files: [] })].map(({ at, message }) => `${at} ${message}`);

describe('nothingRenamed', () => {
  it('lets the prelude pass', () => expect(says(PRELUDE)).toEqual([]));

  it('refuses a spec under another name', () => {
    expect(says('extend schema @link(url: "https://mydata.example/contract/v1.0", as: "c")')).toEqual([
      'mohw:1 @link(as:) renames a spec. Take "as" out.',
    ]);
  });

  it('refuses an import under another name', () => {
    expect(
      says('extend schema @link(url: "https://mydata.example/contract/v1.0", import: [{ name: "@personal", as: "@private" }])'),
    ).toEqual(['mohw:1 @link(import: {"name":"@personal","as":"@private"}) renames an import. Give its own name.']);
  });

  it('refuses it in a schema definition too', () => {
    expect(says('schema @link(url: "x", as: "y") { query: Query }')).toHaveLength(1);
  });
});
