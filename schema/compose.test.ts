import { describe, expect, it } from '@jest/globals';
import { composeSupergraph } from './compose.ts';
import { readContract } from './contract.ts';
import { SAMPLE } from './rules/sampleAgency.ts';
import { sampleSources } from './rules/sampleComposed.ts';

const MOI = `extend type DataSubject { "戶籍 | Household" household: Household }
type Household @dataset(id: "moi.household", unit: "moi", methods: ["otp-sms"], refresh: "daily", legalBasis: "戶籍法 | Household Act") { "姓名 | Name" name: String }`;

describe('composing', () => {
  it('gives the same text whatever the order of subgraphs', () => {
    const sources = sampleSources({ mohw: SAMPLE, moi: MOI });
    expect(composeSupergraph([...sources].reverse())).toEqual(composeSupergraph(sources));
  });

  it('gives subgraphs no address', () => {
    expect(composeSupergraph(sampleSources()).supergraphSdl).toContain('MOHW @join__graph(name: "mohw", url: "agency:mohw")');
  });

  it('names the subgraph and line of what is not SDL', () => {
    expect(() => composeSupergraph([{ name: 'moi', sdl: 'type {' }])).toThrow(
      expect.objectContaining({ code: 'CONTRACT_BROKEN', detail: expect.stringContaining('moi:1:6') }),
    );
  });

  it('says what Apollo refuses', () => {
    expect(() => composeSupergraph(sampleSources({ mohw: SAMPLE.replace('date: Date', 'date: Dat') }))).toThrow(
      expect.objectContaining({ code: 'CONTRACT_BROKEN', detail: expect.stringContaining('Dat') }),
    );
  });
});

/** The published ways around GraphQL field authorization that composition lets pass: the contract's reader must see each, lint or no lint. */
describe('a supergraph of agencies that were never linted', () => {
  const holeIn = (agencies: Record<string, string>) => {
    const { supergraphSdl } = composeSupergraph(sampleSources(agencies));
    expect(() => readContract(supergraphSdl)).toThrow(expect.objectContaining({ code: 'CONTRACT_HOLE' }));
  };

  it.each([
    ['a root field', `${SAMPLE}\nextend type Query { all: [Stray] } type Stray { secret: String }`],
    [
      'an interface over marked types (CVE-2025-64173)',
      `${SAMPLE.replace('type ListedMember', 'type ListedMember implements Named')}\ninterface Named { name: String }`,
    ],
    ['a type that a root field returns', `${SAMPLE}\nextend type Query { visit: Visit }`],
    ['an entity of its own', `${SAMPLE.replace('type Visit {', 'type Visit @key(fields: "date") {')}\nextend type Query { visit: Visit }`],
    ['a leaf on DataSubject', `${SAMPLE}\nextend type DataSubject { "甲 | A" shoeSize: Int }`],
    ['a hidden leaf', SAMPLE.replace('date: Date', 'date: Date @inaccessible "b | b" b: Int')],
  ])('shows %s as a hole', (_what, text) => holeIn({ mohw: text }));

  it("shows a dataset that @requires another agency's as a hole (GHSA-m8jr-fxqx-8xx6)", () => {
    const reader = `extend type DataSubject {
        "戶籍 | Household" household: Household @federation__external
        "乙 | B" b: B @federation__requires(fields: "household { name }")
      }
      type Household { name: String @federation__external }
      type B @dataset(id: "mohw.b", unit: "mohw", methods: ["multi-factor"], refresh: "daily", legalBasis: "法 | Act") { "m | m" m: String }`;
    holeIn({ mohw: reader, moi: MOI });
  });

  it('shows a dataset taken over by @override as a hole', () => {
    const taken = (field: string) => `"甲 | A" ${field} @federation__override(from: "mohw")`;
    const thief = (id: string) => `extend type DataSubject { ${taken('lowIncome: LowIncome')} }
      type LowIncome @dataset(id: "${id}", unit: "moi", methods: ["multi-factor"], refresh: "daily", legalBasis: "法 | Act") {
        ${taken('category: String')} ${taken('diagnosis: String')} ${taken('listedMembers: [ListedMember!]')}
      }
      type ListedMember { ${taken('name: String')} }`;
    const robbed = SAMPLE.replace('category: LowIncomeCategory', 'category: String');
    holeIn({ mohw: robbed, moi: thief('mohw.low-income') });
    holeIn({ mohw: robbed, moi: thief('moi.low-income') });
  });
});
