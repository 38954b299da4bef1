import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';

/**
 * A graphql-codegen preset: one output per dataset folder below `baseOutputDir`, from the prelude, its agency's enums and its own SDL.
 * Plain JavaScript, because graphql-codegen imports a preset as it stands.
 */
export const preset = {
  buildGeneratesSection: ({ baseOutputDir, plugins, pluginMap, config }) =>
    datasetFolders(baseOutputDir).map((folder) => ({
      filename: join(folder.path, 'generated', 'resolvers.ts'),
      plugins,
      pluginMap,
      config,
      schema: parse(folder.files.map((file) => readFileSync(file, 'utf8')).join('\n')),
      documents: [],
    })),
};

function datasetFolders(root) {
  return foldersIn(root).flatMap((agency) => {
    const enums = join(root, agency, 'enums.graphql');
    return foldersIn(join(root, agency))
      .map((dataset) => join(root, agency, dataset))
      .filter((path) => existsSync(join(path, 'schema.graphql')))
      .map((path) => ({ path, files: ['schema/prelude.graphql', ...(existsSync(enums) ? [enums] : []), join(path, 'schema.graphql')] }));
  });
}

function foldersIn(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_') && entry.name !== 'generated')
    .map((entry) => entry.name)
    .sort();
}
