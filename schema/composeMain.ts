import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogue } from './catalogue.ts';
import { readContract } from './contract.ts';
import { HubError } from './errors.ts';
import { lintAndCompose, problemLine, type LintedSupergraph } from './lint.ts';
import { publicSchema } from './publicSchema.ts';
import { retiredLine, vanished } from './retired.ts';
import { HUB, HUB_SCHEMA, readSubgraphs } from './subgraphSources.ts';

const USAGE = `Lints every agency's SDL, composes the supergraph and writes what is derived from it.
  npm run compose                     write schema/supergraph.graphql, schema/api.graphql, schema/catalogue.json
  npm run compose -- --check          write nothing; fail when one of them is stale
  npm run compose -- --unpublished    write although fields went or changed: they were never published`;

/** The generated files, by path, from one composition. */
function generated({ supergraphSdl, contract }: LintedSupergraph): [path: string, text: string][] {
  return [
    ['schema/supergraph.graphql', supergraphSdl],
    ['schema/api.graphql', publicSchema(supergraphSdl)],
    ['schema/catalogue.json', `${JSON.stringify(catalogue(contract, supergraphSdl), null, 2)}\n`],
  ];
}

/** Runs the command; returns the exit code and says everything through `say`. */
export function composeMain(root: string, args: readonly string[], say: (line: string) => void): number {
  const unknown = args.filter((argument) => !['--check', '--unpublished'].includes(argument));
  if (unknown.length > 0) {
    say(USAGE);
    return args.includes('--help') ? 0 : 2;
  }
  try {
    return run(root, args, say);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    say(`${error.code}: ${error.message}`);
    return 1;
  }
}

function run(root: string, args: readonly string[], say: (line: string) => void): number {
  const sources = readSubgraphs(root);
  if (!sources.some(({ name }) => name === HUB)) throw new HubError('CONTRACT_BROKEN', `${HUB_SCHEMA} is missing: the hub owns Query.me.`);
  const result = lintAndCompose(sources, readIf(root, 'schema/retired.txt'));
  if ('problems' in result) {
    for (const problem of result.problems) say(problemLine(problem));
    say(`${result.problems.length} breach(es) of docs/contract.md §1; schema/rules/<name in brackets>.ts says why.`);
    return 1;
  }
  const files = generated(result);
  const stale = files.filter(([path, text]) => readIf(root, path) !== text);
  if (args.includes('--check')) return check(root, stale, say);
  if (!args.includes('--unpublished') && !mayReplace(root, result, say)) return 1;
  for (const [path, text] of stale) writeFileSync(join(root, path), text);
  const { datasets, leaves } = result.contract;
  say(`${sources.map(({ name }) => name).join(', ')}: ${datasets.size} datasets, ${leaves.size} leaves, no breach of the contract.`);
  say(stale.length === 0 ? 'Everything was fresh; nothing written.' : `Wrote ${stale.map(([path]) => path).join(', ')}.`);
  say('Look next at the diff of schema/supergraph.graphql: it is the API review. Clients see schema/api.graphql.');
  return 0;
}

function check(root: string, stale: readonly [path: string, text: string][], say: (line: string) => void): number {
  for (const [path, text] of stale) say(`${path} is stale: ${firstDifference(readIf(root, path), text)}`);
  say(stale.length === 0 ? 'The supergraph is fresh.' : 'Run: npm run compose, and commit what it writes.');
  return stale.length === 0 ? 0 : 1;
}

/** A published coordinate that goes or changes must be remembered first: schema/retired.txt keeps it from returning as something else. */
function mayReplace(root: string, { contract }: LintedSupergraph, say: (line: string) => void): boolean {
  const published = readIf(root, 'schema/supergraph.graphql');
  if (published === '') return true;
  const remembered = readIf(root, 'schema/retired.txt');
  const lines = vanished(readContract(published), contract)
    .map(retiredLine)
    .filter((line) => !remembered.includes(line));
  if (lines.length === 0) return true;
  say(
    'Nothing written: these leaves went or changed. A published leaf is remembered in schema/retired.txt, so that it never returns as something else:',
  );
  for (const line of lines) say(line);
  say('Add those lines to schema/retired.txt; or, if they were never published, run again with --unpublished.');
  return false;
}

/** The first line in which two texts differ, with its number. */
function firstDifference(before: string, after: string): string {
  if (before === '') return 'it is missing';
  const was = before.split('\n');
  const is = after.split('\n');
  const index = is.findIndex((line, at) => line !== was[at]);
  const at = index === -1 ? is.length : index;
  return `line ${at + 1} is ${JSON.stringify(was[at] ?? 'missing')} and would be ${JSON.stringify(is[at] ?? 'missing')}`;
}

function readIf(root: string, path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = composeMain(fileURLToPath(new URL('..', import.meta.url)), process.argv.slice(2), (line) => console.log(line));
}
