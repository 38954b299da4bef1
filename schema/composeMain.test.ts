import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { composeMain } from './composeMain.ts';
import { SAMPLE } from './rules/sampleAgency.ts';
import { sampleSources } from './rules/sampleComposed.ts';

const DATASET = 'subgraphs/mohw/sample/schema.graphql';
let root = '';
let said: string[] = [];

const run = (...args: string[]) => {
  said = [];
  return composeMain(root, args, (line) => said.push(line));
};
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'compose-'));
  write('schema/prelude.graphql', readFileSync(new URL('prelude.graphql', import.meta.url), 'utf8'));
  for (const file of sampleSources().flatMap(({ files }) => files)) write(file.path, file.text);
});
afterEach(() => rmSync(root, { recursive: true }));

describe('npm run compose', () => {
  it('writes the three files, says what it did and where to look next', () => {
    expect(run()).toBe(0);
    expect(said).toEqual([
      'hub, mohw: 2 datasets, 4 leaves, no breach of the contract.',
      'Wrote schema/supergraph.graphql, schema/api.graphql, schema/catalogue.json.',
      'Look next at the diff of schema/supergraph.graphql: it is the API review. Clients see schema/api.graphql.',
    ]);
    expect(run('--check')).toBe(0);
    expect(said).toEqual(['The supergraph is fresh.']);
    expect(run()).toBe(0);
    expect(said[1]).toBe('Everything was fresh; nothing written.');
  });

  it('checks, and names the first difference, without writing', () => {
    run();
    write(DATASET, SAMPLE.replace('date: Date', 'date: Date "院 | Hospital" hospital: String'));
    expect(run('--check')).toBe(1);
    expect(said[0]).toMatch(/^schema\/supergraph\.graphql is stale: line \d+ is ".*" and would be ".*"$/);
    expect(said.at(-1)).toBe('Run: npm run compose, and commit what it writes.');
    expect(run('--check')).toBe(1);
  });

  it('says that a file is missing', () => {
    expect(run('--check')).toBe(1);
    expect(said[0]).toBe('schema/supergraph.graphql is stale: it is missing');
  });

  it('lists every breach, with file and line, and writes nothing', () => {
    write(DATASET, SAMPLE.replace('diagnosis: String', 'diagnosis: String!'));
    expect(run()).toBe(1);
    expect(said).toEqual([
      `${DATASET}:10  LowIncome.diagnosis: take the outer "!" away: a refusal is written as null. (nullableFields)`,
      '1 breach(es) of docs/contract.md §1; schema/rules/<name in brackets>.ts says why.',
    ]);
    expect(run('--check')).toBe(1);
  });

  it('does not let a published leaf go unremembered', () => {
    run();
    write(DATASET, SAMPLE.replace('date: Date', 'day: Date'));
    expect(run()).toBe(1);
    expect(said[1]).toBe('Visit.date: Date  mohw.visits:date  日期 | Date');
    write('schema/retired.txt', `${said[1] ?? ''}\n`);
    expect(run()).toBe(0);
    write(DATASET, SAMPLE.replace('date: Date', 'date: String'));
    expect(run()).toBe(1);
    expect(said[0]).toContain('Choose another name. (retiredNeverReturns)');
  });

  it('lets one go that was never published, when told so', () => {
    run();
    write(DATASET, SAMPLE.replace('date: Date', 'day: Date'));
    expect(run('--unpublished')).toBe(0);
  });

  it('says which file is missing when there is no hub', () => {
    rmSync(join(root, 'gateway'), { recursive: true });
    expect(run()).toBe(1);
    expect(said).toEqual([
      'CONTRACT_BROKEN: The schema breaks the contract. gateway/consent/schema.graphql is missing: the hub owns Query.me.',
    ]);
  });

  it('says what is not SDL, and where', () => {
    write(DATASET, 'type {');
    expect(run()).toBe(1);
    expect(said[0]).toContain(`${DATASET}:1:6`);
  });

  it('explains itself when asked, or asked wrongly', () => {
    expect(run('--help')).toBe(0);
    expect(run('--chek')).toBe(2);
    expect(said[0]).toContain('--check');
  });
});
