import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { isEnumType, parse, type GraphQLSchema } from 'graphql';
import type { AgencyFolder } from '../../subgraphs/_kit/agencyFolder.ts';
import { readDatasetShapes, type DatasetShape } from '../../subgraphs/_kit/datasetShape.ts';
import type { RegisterRecord } from '../../subgraphs/_kit/defineDataset.ts';
import { hasFormat } from '../../subgraphs/_kit/registerFormat.ts';
import { AGENCY_FOLDERS } from '../../subgraphs/agencies.ts';

interface Persona {
  readonly id: string;
  readonly name: { readonly 'zh-TW': string };
  readonly nationalId: string | null;
  readonly uiNumber: string | null;
  readonly birthDate: string;
  readonly householdNumber: string | null;
  readonly idCardIssueDate: string | null;
  readonly nhiCardNumber: string;
  readonly mobileNumber: string | null;
  readonly heldMethods: readonly string[];
}
const personas = JSON.parse(readFileSync(new URL('../../gateway/identity/personas.json', import.meta.url), 'utf8')) as Persona[];
const keyOf = (persona: Persona) => persona.nationalId ?? persona.uiNumber ?? '';

interface Checked {
  readonly id: string;
  readonly folder: AgencyFolder['datasets'][number];
  readonly shape: DatasetShape;
  readonly schema: GraphQLSchema;
}

const folders = [...AGENCY_FOLDERS.values()];
const datasets: Checked[] = folders.flatMap((agency) => {
  const schema = buildSubgraphSchema({ typeDefs: parse(agency.sdl) });
  return readDatasetShapes(schema, agency.id).map((shape) => {
    const folder = agency.datasets.find(({ type }) => type === shape.type);
    if (folder === undefined) throw new Error(`no folder for ${shape.id}`);
    return { id: shape.id, folder, shape, schema };
  });
});

/** Every value at a path, through lists: absent ones are undefined. */
function valuesAt(record: unknown, path: string): unknown[] {
  return path
    .split('.')
    .reduce<unknown[]>((values, step) => values.flatMap((value) => [(value as Record<string, unknown>)[step]].flat()), [record]);
}

/** Every leaf path that a record holds, with its value. */
function* leavesOf(value: unknown, prefix = ''): Generator<readonly [string, unknown]> {
  for (const [name, member] of Object.entries(value as object)) {
    for (const each of [member].flat()) {
      if (typeof each === 'object' && each !== null) yield* leavesOf(each, `${prefix}${name}.`);
      else yield [`${prefix}${name}`, each];
    }
  }
}

const realDate = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === 'string' && value !== '',
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  Float: (value) => Number.isFinite(value),
  Boolean: (value) => typeof value === 'boolean',
  Date: (value) => typeof value === 'string' && realDate(value),
  DateTime: (value) => typeof value === 'string' && /T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(value),
  YearMonth: (value) => typeof value === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(value),
  Money: (value) => Number.isSafeInteger(value),
};

function fits({ schema }: Checked, type: string, value: unknown): boolean {
  const found = schema.getType(type);
  return isEnumType(found) ? found.getValue(String(value)) !== undefined : (SCALARS[type]?.(value) ?? false);
}

const recordsOf = ({ folder }: Checked): RegisterRecord[] => [...folder.records.values()].flat();

describe('the datasets', () => {
  it('are nine, of five agencies', () => {
    expect(datasets.map(({ id }) => id).sort()).toEqual([
      'moe.senior-high-enrolment',
      'moe.student-aid',
      'mof.income.household',
      'mof.property',
      'mohw.low-income',
      'mohw.nhi.premium-payments',
      'moi.household.personal',
      'moi.land.cadastre-price',
      'mol.labor-insurance.enrolment',
    ]);
  });

  it.each(datasets)('$id lies in the folder of its name', ({ id, folder }) => {
    expect(folder.folder).toBe(id.split('.').slice(1).join('-'));
  });
});

describe.each(datasets)('the records of $id', (dataset) => {
  const { folder, shape } = dataset;

  it('are somebody’s', () => {
    expect(folder.records.size).toBeGreaterThan(0);
    for (const key of folder.records.keys()) expect(personas.map(keyOf)).toContain(key);
  });

  it('are found by a number of their register’s kind, with a right check digit', () => {
    for (const key of folder.records.keys()) expect(hasFormat('tw-national-id', key) || hasFormat('tw-ui-number', key)).toBe(true);
  });

  it('are one a person, unless the dataset has many', () => {
    if (!shape.many) for (const records of folder.records.values()) expect(records).toHaveLength(1);
  });

  it('hold nothing that the SDL does not name, and every value has its type', () => {
    for (const record of recordsOf(dataset)) {
      for (const [path, value] of leavesOf(record)) {
        const type = shape.leaves.get(path);
        if (type === undefined || !fits(dataset, type, value)) throw new Error(`${path} of ${shape.id} does not fit ${type ?? 'any leaf'}`);
      }
    }
  });

  it('lack nothing that is required', () => {
    const known = new Set([...shape.leaves.keys(), ...[...shape.prefixes.values()].map((prefix) => prefix.slice(0, -1))]);
    for (const path of folder.required ?? []) {
      expect([...known]).toContain(path);
      for (const record of recordsOf(dataset)) expect(valuesAt(record, path)).not.toContain(undefined);
    }
  });

  it('have national numbers with a right check digit', () => {
    for (const [path, format] of Object.entries(folder.formats ?? {})) {
      expect(shape.leaves.has(path)).toBe(true);
      for (const record of recordsOf(dataset))
        for (const value of valuesAt(record, path)) expect(hasFormat(format, String(value))).toBe(true);
    }
  });
});

describe('the synthetic people', () => {
  it('are thirteen, each with numbers of her own', () => {
    expect(personas).toHaveLength(13);
    for (const numbers of [personas.map(keyOf), personas.map(({ nhiCardNumber }) => nhiCardNumber), personas.map(({ id }) => id)])
      expect(new Set(numbers).size).toBe(13);
  });

  it('use numbers of the block that is issued to nobody', () => {
    for (const persona of personas) {
      expect(hasFormat(persona.nationalId === null ? 'tw-ui-number' : 'tw-national-id', keyOf(persona))).toBe(true);
      expect(keyOf(persona).slice(2, 7)).toBe('99999');
    }
  });

  it('are in the household register as they say', () => {
    const household = datasets.find(({ id }) => id === 'moi.household.personal');
    for (const persona of personas) {
      const [record] = household?.folder.records.get(keyOf(persona)) ?? [];
      if (record === undefined) continue;
      expect(record).toMatchObject({
        name: persona.name['zh-TW'],
        nationalId: persona.nationalId,
        birthDate: persona.birthDate,
        householdNumber: persona.householdNumber,
        idCardIssueDate: persona.idCardIssueDate,
      });
    }
  });

  it('are in the registers behind the yes/no checks as they say', () => {
    const factors = new Map(folders.flatMap(({ factors: registers }) => [...registers]));
    for (const persona of personas) {
      expect(factors.get('nhi-card-number')?.get(keyOf(persona))).toBe(persona.nhiCardNumber);
      expect(factors.get('household-number')?.get(keyOf(persona)) ?? null).toBe(persona.householdNumber);
      expect(factors.get('id-card-issue-date')?.get(keyOf(persona)) ?? null).toBe(persona.idCardIssueDate);
    }
  });

  it('number one adult with a certificate, a low-income record and data in all five agencies', () => {
    const adult = personas.find(({ id }) => id === 'persona.adult-student');
    expect(adult?.heldMethods).toEqual(['citizen-certificate', 'otp-sms', 'multi-factor']);
    const held = datasets.filter(({ folder }) => folder.records.has(adult?.nationalId ?? '')).map(({ id }) => id);
    expect(held).toContain('mohw.low-income');
    expect(new Set(held.map((id) => id.split('.')[0])).size).toBe(5);
  });
});

describe('check digits', () => {
  it.each(['A123456789', 'A223456781', 'F299999012'])('%s is a well-formed national ID', (id) =>
    expect(hasFormat('tw-national-id', id)).toBe(true),
  );
  it.each(['A123456788', 'A323456789', 'a123456789', 'A12345678', 'A1234567890', ''])('"%s" is none', (id) =>
    expect(hasFormat('tw-national-id', id)).toBe(false),
  );
  it('A800000014 is a well-formed UI number', () => expect(hasFormat('tw-ui-number', 'A800000014')).toBe(true));
});
