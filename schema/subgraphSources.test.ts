import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readAgencySdl, readSubgraphs } from './subgraphSources.ts';

const root = mkdtempSync(join(tmpdir(), 'subgraphs-'));
afterAll(() => rmSync(root, { recursive: true }));

const FILES = {
  'schema/prelude.graphql': '# prelude',
  'gateway/consent/schema.graphql': '# hub',
  'subgraphs/_kit/schema.graphql': '# kit',
  'subgraphs/moi/enums.graphql': '# enums',
  'subgraphs/moi/land/schema.graphql': '# land',
  'subgraphs/moi/household/schema.graphql': '# household',
  'subgraphs/moi/household/generated/schema.graphql': '# generated',
  'subgraphs/moi/generated/schema.graphql': '# generated',
  'subgraphs/fsc/credit/schema.graphql': '# credit',
  'subgraphs/empty/notes.txt': 'nothing yet',
};
for (const [path, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('the subgraphs of a folder', () => {
  it('are the agencies that have a file, and the hub, by name; the kit and generated code are none', () => {
    expect(readSubgraphs(root).map(({ name, sdl }) => [name, sdl])).toEqual([
      ['fsc', '# prelude\n# credit'],
      ['hub', '# hub'],
      ['moi', '# prelude\n# enums\n# household\n# land'],
    ]);
  });

  it('know their files by their place', () => {
    expect(
      readSubgraphs(root)
        .find(({ name }) => name === 'moi')
        ?.files.map(({ path }) => path),
    ).toEqual(['subgraphs/moi/enums.graphql', 'subgraphs/moi/household/schema.graphql', 'subgraphs/moi/land/schema.graphql']);
  });

  it('give one agency to the process that serves it, the same text', () => {
    expect(readAgencySdl(root, 'moi')).toBe('# prelude\n# enums\n# household\n# land');
  });
});
