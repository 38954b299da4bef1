import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { catalogue } from './catalogue.ts';
import { composeSupergraph } from './compose.ts';
import { readContract } from './contract.ts';
import { publicSchema } from './publicSchema.ts';
import { sampleSources } from './rules/sampleComposed.ts';

const { supergraphSdl } = composeSupergraph(sampleSources());

describe('the machine catalogue', () => {
  const { datasets, enums } = catalogue(readContract(supergraphSdl), supergraphSdl);

  it('says of each dataset who holds it, what opens it and what people read', () => {
    expect(datasets.map(({ id, agency, unit, field, many, methods }) => ({ id, agency, unit, field, many, methods }))).toEqual([
      {
        id: 'mohw.low-income',
        agency: 'mohw',
        unit: 'mohw.sasw',
        field: 'lowIncome',
        many: false,
        methods: ['citizen-certificate', 'otp-sms'],
      },
      { id: 'mohw.visits', agency: 'mohw', unit: 'mohw', field: 'visits', many: true, methods: ['nhi-card'] },
    ]);
  });

  it('says of each leaf its scope, label and sensitivity', () => {
    expect(datasets[0]?.leaves.at(-1)).toEqual({
      path: 'listedMembers.name',
      scope: 'mohw.low-income:listedMembers.name',
      coordinate: 'ListedMember.name',
      type: 'String',
      label: { 'zh-TW': '姓名', en: 'Name' },
      special: false,
      thirdParty: true,
      methods: ['citizen-certificate', 'otp-sms'],
    });
  });

  it('labels the values of enums', () =>
    expect(enums).toEqual({ LowIncomeCategory: { LOW_INCOME: { 'zh-TW': '低收入戶', en: 'Low-income household' } } }));
});

describe('the public schema', () => {
  const api = publicSchema(supergraphSdl);

  it('has neither the key of DataSubject nor any machinery', () => {
    expect(api).toMatch(/type DataSubject \{\n {2}"""/);
    expect(api).not.toMatch(/join__|link__|@dataset|@personal|_entities|nationalId: ID/);
    expect(api.slice(api.indexOf('type DataSubject'), api.indexOf('}', api.indexOf('type DataSubject')))).not.toContain('id: ID');
  });

  it('is not made of what is no supergraph', () =>
    expect(() => publicSchema('type Query { a: Int }')).toThrow(expect.objectContaining({ code: 'CONTRACT_BROKEN' })));
});

describe('the committed files', () => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

  it('belong together', () => {
    const supergraph = read('supergraph.graphql');
    const contract = readContract(supergraph);
    expect(read('api.graphql')).toBe(publicSchema(supergraph));
    expect(JSON.parse(read('catalogue.json'))).toEqual(JSON.parse(JSON.stringify(catalogue(contract, supergraph))));
  });
});
