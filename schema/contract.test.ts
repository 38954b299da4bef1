import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { composeSupergraph, type Subgraph } from './compose.ts';
import { readContract } from './contract.ts';
import { HubError } from './errors.ts';

const PRELUDE = readFileSync(new URL('./prelude.graphql', import.meta.url), 'utf8');

const HUB: Subgraph = {
  name: 'hub',
  sdl: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])
    type Query { me: DataSubject myConsents: [Consent!] }
    type Mutation { withdrawConsent(id: ID!): Consent }
    type Consent { id: ID! }
    type DataSubject @key(fields: "id") { id: ID! @inaccessible }
  `,
};

const MOHW: Subgraph = {
  name: 'mohw',
  sdl: `${PRELUDE}
    extend type DataSubject { "低收入戶 | Low-income certificate" lowIncome: LowIncome }
    "資格與有效期間。 | Status and validity."
    type LowIncome @dataset(id: "mohw.low-income", unit: "mohw.sasw", methods: ["citizen-certificate", "otp-sms"], refresh: "realtime", legalBasis: "社會救助法 | Public Assistance Act", formats: ["json", "pdf"]) {
      "身分類別 | Category" category: LowIncomeCategory
      "病名 | Diagnosis" diagnosis: String @personal(special: true)
      "列冊人口 | Listed members" listedMembers: [ListedMember!]
    }
    type ListedMember { "姓名 | Name" name: String @personal(thirdParty: true) }
    "身分類別 | Category" enum LowIncomeCategory { "低收 | Low" LOW }
  `,
};

const MOTC: Subgraph = {
  name: 'motc',
  sdl: `${PRELUDE}
    extend type DataSubject { "車籍 | Vehicles" vehicles(plateNumber: String): Vehicles }
    type Vehicles @dataset(id: "motc.vehicles", unit: "motc.thb", methods: ["citizen-certificate"], refresh: "daily", legalBasis: "公路法 | Highway Act", special: true, keys: ["plateNumber"], awaits: "motc.thb") {
      records(first: Int, after: String): [Vehicle]
    }
    type Vehicle { "車牌 | Plate" plate: String "款 | Model" model: VehicleModel }
    type VehicleModel { "年 | Year" year: Int }
  `,
};

const compose = (...subgraphs: Subgraph[]) => composeSupergraph(subgraphs).supergraphSdl;
const SUPERGRAPH = compose(HUB, MOHW, MOTC);

function holeIn(supergraph: string): string {
  try {
    readContract(supergraph);
  } catch (error) {
    if (error instanceof HubError && error.code === 'CONTRACT_HOLE') return error.detail ?? '';
    throw error;
  }
  return 'no hole';
}

/** The supergraph with one thing changed; fails when there was nothing to change. */
function changed(from: string | RegExp, to: string): string {
  const text = SUPERGRAPH.replace(from, to);
  expect(text).not.toBe(SUPERGRAPH);
  return text;
}

describe('the contract read from a supergraph', () => {
  const contract = readContract(SUPERGRAPH);

  it('knows each dataset, its agency and what people read about it', () => {
    expect([...contract.datasets.keys()]).toEqual(['mohw.low-income', 'motc.vehicles']);
    expect(contract.datasets.get('mohw.low-income')).toMatchObject({
      agency: 'mohw',
      graph: 'MOHW',
      unit: 'mohw.sasw',
      field: 'lowIncome',
      type: 'LowIncome',
      many: false,
      methods: ['citizen-certificate', 'otp-sms'],
      special: false,
      refresh: 'realtime',
      legalBasis: { 'zh-TW': '社會救助法', en: 'Public Assistance Act' },
      name: { 'zh-TW': '低收入戶', en: 'Low-income certificate' },
      formats: ['json', 'pdf'],
      keys: [],
      awaits: null,
    });
    expect(contract.datasets.get('motc.vehicles')).toMatchObject({ many: true, keys: ['plateNumber'], awaits: 'motc.thb', special: true });
  });

  it('derives the scope of every leaf, leaving records out', () => {
    expect([...contract.leaves].map(([coordinate, leaf]) => `${coordinate} ${leaf.scope} ${leaf.type}`)).toEqual([
      'LowIncome.category mohw.low-income:category LowIncomeCategory',
      'LowIncome.diagnosis mohw.low-income:diagnosis String',
      'ListedMember.name mohw.low-income:listedMembers.name String',
      'Vehicle.plate motc.vehicles:plate String',
      'VehicleModel.year motc.vehicles:model.year Int',
    ]);
  });

  it('marks special-category and third-party leaves, and narrows the methods of a special leaf', () => {
    expect(contract.leaves.get('ListedMember.name')).toMatchObject({ thirdParty: true, special: false });
    expect(contract.leaves.get('LowIncome.diagnosis')).toMatchObject({ special: true, methods: ['citizen-certificate'] });
    expect(contract.leaves.get('LowIncome.category')).toMatchObject({ special: false, methods: ['citizen-certificate', 'otp-sms'] });
    expect(contract.leaves.get('VehicleModel.year')).toMatchObject({ special: true, methods: ['citizen-certificate'] });
  });

  it('says which object types belong to a dataset and which to the hub', () => {
    expect(Object.fromEntries(contract.objects)).toEqual({
      LowIncome: 'mohw.low-income',
      ListedMember: 'mohw.low-income',
      Vehicles: 'motc.vehicles',
      Vehicle: 'motc.vehicles',
      VehicleModel: 'motc.vehicles',
    });
    expect([...contract.hubTypes].sort()).toEqual(['Consent', 'Mutation', 'Query']);
  });

  it('has a digest that follows the text', () => {
    expect(contract.digest).toMatch(/^[\w-]{43}$/);
    expect(readContract(`${SUPERGRAPH}\n`).digest).not.toBe(contract.digest);
  });
});

describe('a hole in a supergraph', () => {
  it.each([
    ['a type whose @dataset is missing', /@dataset\(id: "mohw[^)]*\)/, '', 'DataSubject.lowIncome: LowIncome has no @dataset'],
    ['an id that clients would see', 'id: ID! @inaccessible', 'id: ID!', 'DataSubject.id: it is not @inaccessible'],
    [
      'our spec under another name',
      'contract/v1.0", import',
      'contract/v1.0", as: "c", import',
      'supergraph: @link(url: "https://mydata.example/contract/v1.0") renames',
    ],
    ['a renamed import', '"@personal"]', '{name: "@personal", as: "@p"}]', 'renames an import'],
    ['an import that is gone', '["@dataset", "@personal"]', '["@dataset"]', 'import @dataset and @personal'],
    ['a renamed inaccessible', 'inaccessible/v0.2", for', 'inaccessible/v0.2", as: "hidden", for', 'renames with "as"'],
    [
      'a narrowed directive',
      'directive @personal(special: Boolean, thirdParty: Boolean)',
      'directive @personal(special: Boolean, thirdParty: String)',
      '@personal(thirdParty:): its type must be Boolean',
    ],
    [
      'a second path to a type',
      'category: LowIncomeCategory',
      'category: ListedMember',
      'DataSubject.lowIncome.listedMembers: ListedMember is reachable by a second path',
    ],
    [
      'a recursion',
      'name: String @personal(thirdParty: true)',
      'name: String "x | x" more: LowIncome',
      'DataSubject.lowIncome.listedMembers.more: LowIncome is reachable by a second path',
    ],
    [
      'a way back',
      'name: String @personal(thirdParty: true)',
      'name: String "x | x" of: DataSubject',
      'DataSubject.lowIncome.listedMembers.of: a field below a dataset returns DataSubject',
    ],
    ['a non-null leaf', 'category: LowIncomeCategory', 'category: LowIncomeCategory!', 'DataSubject.lowIncome.category: it is non-null'],
    ['a leaf straight on DataSubject', 'lowIncome: LowIncome', 'shoeSize: Int', 'DataSubject.shoeSize: it returns Int'],
    ['a dataset of another agency', 'id: "mohw.low-income"', 'id: "motc.low-income"', 'does not begin with its agency "mohw."'],
    ['a leaf nobody described', '"""身分類別 | Category"""\n  category', 'category', 'LowIncome.category: its description'],
    ['a leaf described in one language', '身分類別 | Category', 'Category', 'LowIncome.category: its description'],
    [
      'an argument of a leaf',
      'category: LowIncomeCategory',
      'category(of: Int): LowIncomeCategory',
      'DataSubject.lowIncome.category: a field below a dataset has no arguments',
    ],
    [
      'a key nobody declared',
      'vehicles(plateNumber: String)',
      'vehicles(plateNumber: String, all: Boolean)',
      'DataSubject.vehicles(all:): it is not declared',
    ],
    [
      'a declared key that is no argument',
      'vehicles(plateNumber: String)',
      'vehicles',
      'DataSubject.vehicles(plateNumber:): a declared key',
    ],
    [
      'other arguments of records',
      'records(first: Int, after: String)',
      'records(first: Int, after: String, year: Int)',
      'Vehicles.records: its arguments',
    ],
    [
      'a marked object',
      'listedMembers: [ListedMember!]',
      'listedMembers: [ListedMember!] @personal(special: true)',
      '@personal marks leaves only',
    ],
    [
      'a root field of an agency',
      'me: DataSubject @join__field(graph: HUB)',
      'me: DataSubject @join__field(graph: HUB) all: LowIncome @join__field(graph: MOHW)',
      'Query.all: only the hub has root fields',
    ],
    [
      'a way around DataSubject',
      'type Consent\n  @join__type(graph: HUB)\n{',
      'type Consent\n  @join__type(graph: HUB)\n{ about: LowIncome',
      'Consent.about: it reaches LowIncome around DataSubject',
    ],
    [
      'a second way to a subject',
      'type Consent\n  @join__type(graph: HUB)\n{',
      'type Consent\n  @join__type(graph: HUB)\n{ of: DataSubject',
      'Consent.of: only Query.me',
    ],
    [
      'a type in no dataset',
      /$/,
      '\ntype Stray @join__type(graph: MOHW) { x: Int }',
      "Stray: it is neither below a dataset nor the hub's own",
    ],
    [
      'an interface over a dataset',
      /type LowIncome\n/,
      'interface Any @join__type(graph: MOHW) { category: LowIncomeCategory }\ntype LowIncome implements Any\n',
      'LowIncome implements an interface',
    ],
    ['a union over a dataset', /$/, '\nunion Any @join__type(graph: MOHW) = Vehicle', 'Any: an agency has no interfaces'],
    ['a type extension', /$/, '\nextend type LowIncome { more: Int }', 'supergraph: it holds a type extension'],
    [
      'a type of two agencies',
      /type ListedMember\n {2}@join__type\(graph: MOHW\)/,
      'type ListedMember @join__type(graph: MOHW) @join__type(graph: MOTC)',
      'ListedMember must be defined by its own agency alone',
    ],
    [
      'a field moved by @override',
      'category: LowIncomeCategory',
      'category: LowIncomeCategory @join__field(graph: MOHW, override: "motc")',
      '@override reaches around',
    ],
    [
      'a field that requires another',
      'category: LowIncomeCategory',
      'category: LowIncomeCategory @join__field(graph: MOHW, requires: "diagnosis")',
      '@requires reaches around',
    ],
    [
      'a dataset that requires another',
      'lowIncome: LowIncome @join__field(graph: MOHW)',
      'lowIncome: LowIncome @join__field(graph: MOHW, requires: "vehicles { records { plate } }")',
      'DataSubject.lowIncome: @requires reaches around',
    ],
    [
      'an interface known to the planner alone',
      'type LowIncome\n',
      'type LowIncome @join__implements(graph: MOHW, interface: "Any")\n',
      'LowIncome implements an interface',
    ],
    ['a second key', 'graph: MOHW, key: "id"', 'graph: MOHW, key: "nationalId"', 'DataSubject: its one key is "id"'],
    [
      'another entity',
      /type ListedMember\n {2}@join__type\(graph: MOHW/,
      'type ListedMember @join__type(graph: MOHW, key: "name"',
      'ListedMember is an entity',
    ],
    [
      'a hidden dataset',
      'lowIncome: LowIncome @join',
      'lowIncome: LowIncome @inaccessible @join',
      'DataSubject.lowIncome: it is @inaccessible',
    ],
    ['a hidden leaf', 'category: LowIncomeCategory', 'category: LowIncomeCategory @inaccessible', 'only DataSubject.id is'],
    [
      'a dataset within a dataset',
      'type ListedMember\n',
      'type ListedMember @dataset(id: "mohw.x", unit: "mohw", methods: [], refresh: "daily", legalBasis: "a | b")\n',
      'ListedMember is a dataset within a dataset',
    ],
    [
      'a dataset nobody reaches',
      'type Consent\n',
      'type Consent @dataset(id: "hub.x", unit: "hub", methods: [], refresh: "daily", legalBasis: "a | b")\n',
      'Consent: no field of DataSubject leads to this dataset',
    ],
  ])('is %s', (_what, from, to, says) => {
    expect(holeIn(changed(from, to))).toContain(says);
  });

  it('is a supergraph without our directives', () => {
    const plain = compose({
      name: 'a',
      sdl: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { x: Int }',
    });
    expect(holeIn(plain)).toContain('DataSubject');
  });

  it('is not what a text without a schema has: that is broken', () => {
    expect(() => readContract('type {')).toThrow(expect.objectContaining({ code: 'CONTRACT_BROKEN' }));
  });
});
