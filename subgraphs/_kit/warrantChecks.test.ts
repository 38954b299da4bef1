import { describe, expect, it } from '@jest/globals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { ErrorCode } from '../../schema/errors.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';
import { AGENCY_FOLDERS } from '../agencies.ts';
import { readAgencyOperation } from './agencyOperation.ts';
import { readDatasetShapes } from './datasetShape.ts';
import { replayWindow } from './replayWindow.ts';
import {
  audience,
  boundArguments,
  checkPurpose,
  clock,
  entities,
  fields,
  firstRefusal,
  operation,
  PREDICATE_CHECKS,
  QUERY_CHECKS,
  unseen,
  type WarrantCheck,
} from './warrantChecks.ts';

const NOW = 1_577_851_200;
const SUB = 'EBESExQVFhcYGRobHB0eHw';
const OTHER = 'ICEiIyQlJicoKSorLC0uLw';
const schema = buildSubgraphSchema({ typeDefs: parse(AGENCY_FOLDERS.get('mohw')?.sdl ?? '') });
const shapes = readDatasetShapes(schema, 'mohw');

const head = 'query($representations:[_Any!]!){_entities(representations:$representations)';
const reading = (selection: string) => `${head}{...on DataSubject{__typename id ${selection}}}}`;
const CATEGORY = reading('lowIncome{category}');
const PAGED =
  'query($representations:[_Any!]!,$first:Int){_entities(representations:$representations){...on DataSubject{nhiPremiumPayments{records(first:$first){premiumDue}}}}}';

const good: WarrantClaims = {
  iss: 'mydata-gateway',
  aud: 'mohw',
  iat: NOW,
  exp: NOW + 60,
  jti: 'AAECAwQFBgcICQoLDA0ODw',
  sub: SUB,
  nid: { kind: 'NATIONAL_ID', value: 'B199999025' },
  cid: OTHER,
  cv: 1,
  svc: 'online.moe.low-income-tuition-waiver',
  pur: 'dpv:PublicBenefit',
  op: sha256(CATEGORY),
  fld: { 'mohw.low-income': ['category'] },
};
const representing = (...ids: unknown[]) => ({ representations: ids.map((id) => ({ __typename: 'DataSubject', id })) });

/** One presentation to an agency that has seen nothing, or what `seen` names. */
function refusalOf(
  checks: readonly WarrantCheck[],
  claims: WarrantClaims,
  query: string,
  variables: Record<string, unknown>,
  seen: readonly string[] = [],
): ErrorCode | null {
  const takeOnce = replayWindow(() => NOW * 1000);
  seen.forEach(takeOnce);
  const asked = readAgencyOperation(query, schema, shapes);
  return firstRefusal(checks, { claims, operation: asked, digest: sha256(query), variables }, { agency: 'mohw', now: NOW, takeOnce });
}

interface Attack {
  readonly name: string;
  readonly check: WarrantCheck;
  readonly code: ErrorCode;
  readonly claims?: Partial<WarrantClaims>;
  readonly query?: string;
  readonly variables?: Record<string, unknown>;
  readonly seen?: readonly string[];
}
const asking = (query: string, more: Partial<WarrantClaims> = {}) => ({ query, claims: { op: sha256(query), ...more } });

const ATTACKS: readonly Attack[] = [
  { name: 'a warrant for another agency', check: audience, code: 'WARRANT_AUDIENCE', claims: { aud: 'moi' } },
  { name: 'a warrant that has ended', check: clock, code: 'WARRANT_CLOCK', claims: { iat: NOW - 90, exp: NOW - 30 } },
  { name: 'a warrant of the future', check: clock, code: 'WARRANT_CLOCK', claims: { iat: NOW + 31, exp: NOW + 60 } },
  { name: 'a warrant that lives too long', check: clock, code: 'WARRANT_CLOCK', claims: { exp: NOW + 61 } },
  { name: 'a warrant that ends before it begins', check: clock, code: 'WARRANT_CLOCK', claims: { iat: NOW + 20, exp: NOW + 10 } },
  { name: 'a warrant used before', check: unseen, code: 'WARRANT_REPLAYED', seen: [good.jti] },
  {
    name: 'another operation than the warrant’s',
    check: operation,
    code: 'WARRANT_OPERATION',
    claims: { op: sha256(reading('lowIncome{classLevel}')) },
  },
  { name: 'the same operation with one blank more', check: operation, code: 'WARRANT_OPERATION', query: `${CATEGORY} ` },
  {
    name: 'a variable that the warrant does not bind',
    check: boundArguments,
    code: 'WARRANT_ARGUMENTS',
    variables: { ...representing(SUB), first: 1 },
  },
  {
    name: 'another value of a bound variable',
    check: boundArguments,
    code: 'WARRANT_ARGUMENTS',
    ...asking(PAGED, { args: sha256(canonicalJson({ first: 1 })), fld: { 'mohw.nhi.premium-payments': ['premiumDue'] } }),
    variables: { ...representing(SUB), first: 2 },
  },
  {
    name: 'a bound variable left out',
    check: boundArguments,
    code: 'WARRANT_ARGUMENTS',
    ...asking(PAGED, { args: sha256(canonicalJson({ first: 1 })), fld: { 'mohw.nhi.premium-payments': ['premiumDue'] } }),
  },
  { name: 'another data subject', check: entities, code: 'WARRANT_SUBJECT', variables: representing(OTHER) },
  { name: 'a second data subject beside the first', check: entities, code: 'WARRANT_SUBJECT', variables: representing(SUB, OTHER) },
  {
    name: 'the subject a hundred times',
    check: entities,
    code: 'WARRANT_SUBJECT',
    variables: representing(...Array.from({ length: 100 }, () => SUB)),
  },
  { name: 'an id that is not text', check: entities, code: 'WARRANT_SUBJECT', variables: representing([SUB]) },
  { name: 'no entity at all', check: entities, code: 'WARRANT_SUBJECT', variables: representing() },
  {
    name: 'another type of entity',
    check: entities,
    code: 'WARRANT_SUBJECT',
    variables: { representations: [{ __typename: 'LowIncome', id: SUB }] },
  },
  {
    name: 'an entity that brings fields along',
    check: entities,
    code: 'WARRANT_SUBJECT',
    variables: { representations: [{ __typename: 'DataSubject', id: SUB, lowIncome: { category: 'NONE' } }] },
  },
  { name: 'a check’s warrant', check: entities, code: 'WARRANT_SUBJECT', claims: { pur: 'check' } },
  { name: 'a schema reader’s warrant', check: entities, code: 'WARRANT_SUBJECT', claims: { pur: 'schema' } },
  { name: 'the SDL under a reader’s warrant', check: entities, code: 'WARRANT_SUBJECT', ...asking('{_service{sdl}}') },
  {
    name: 'a field that the warrant does not name',
    check: fields,
    code: 'WARRANT_FIELDS',
    ...asking(reading('lowIncome{category validTo}')),
  },
  { name: 'a field under another name', check: fields, code: 'WARRANT_FIELDS', ...asking(reading('lowIncome{category:validTo}')) },
  {
    name: 'a field in a fragment',
    check: fields,
    code: 'WARRANT_FIELDS',
    ...asking(`${reading('lowIncome{category ...F}')} fragment F on LowIncome{validTo}`),
  },
  {
    name: 'a field of another dataset',
    check: fields,
    code: 'WARRANT_FIELDS',
    ...asking(reading('lowIncome{category} nhiPremiumPayments{records{premiumDue}}')),
  },
  {
    name: 'a field of a nested object',
    check: fields,
    code: 'WARRANT_FIELDS',
    ...asking(reading('lowIncome{category listedMembers{name}}')),
  },
  {
    name: 'a field that is skipped',
    check: fields,
    code: 'WARRANT_FIELDS',
    ...asking(reading('lowIncome{category validTo @skip(if:true)}')),
  },
  { name: 'an object’s presence alone', check: fields, code: 'WARRANT_FIELDS', ...asking(reading('lowIncome{__typename}')) },
  {
    name: 'the length of a list alone',
    check: fields,
    code: 'WARRANT_FIELDS',
    ...asking(reading('lowIncome{category listedMembers{__typename}}')),
  },
];

describe('the checks of a query', () => {
  it('let through what the warrant is for', () => {
    expect(refusalOf(QUERY_CHECKS, good, CATEGORY, representing(SUB))).toBeNull();
    const paged = {
      ...good,
      ...asking(PAGED, { args: sha256(canonicalJson({ first: 1 })), fld: { 'mohw.nhi.premium-payments': ['premiumDue'] } }).claims,
    };
    expect(refusalOf(QUERY_CHECKS, paged, PAGED, { ...representing(SUB), first: 1 })).toBeNull();
  });

  it.each([
    [NOW + 30, NOW + 90],
    [NOW - 89, NOW - 29],
  ])('allow for 30 s between two clocks (%s to %s)', (iat, exp) => {
    expect(refusalOf(QUERY_CHECKS, { ...good, iat, exp }, CATEGORY, representing(SUB))).toBeNull();
  });

  it.each(ATTACKS)('refuse $name', ({ code, claims, query = CATEGORY, variables = representing(SUB), seen }) => {
    expect(refusalOf(QUERY_CHECKS, { ...good, ...claims }, query, variables, seen)).toBe(code);
  });

  it.each(ATTACKS)(
    'need the one that refuses $name: without it the rest let it through',
    ({ check, claims, query = CATEGORY, variables = representing(SUB), seen }) => {
      const others = QUERY_CHECKS.filter((each) => each !== check);
      expect(others).toHaveLength(QUERY_CHECKS.length - 1);
      expect(refusalOf(others, { ...good, ...claims }, query, variables, seen)).toBeNull();
    },
  );

  it('every one is needed by some attack', () => {
    expect(new Set(ATTACKS.map(({ check }) => check))).toEqual(new Set(QUERY_CHECKS));
  });

  it('run in the contract’s order', () => {
    const bad = { ...good, aud: 'moi', iat: 0, exp: 1, op: 'x', args: 'x', fld: {} };
    const codes = QUERY_CHECKS.map((_check, index) => refusalOf(QUERY_CHECKS.slice(index), bad, CATEGORY, representing(OTHER), [good.jti]));
    expect(codes).toEqual([
      'WARRANT_AUDIENCE',
      'WARRANT_CLOCK',
      'WARRANT_REPLAYED',
      'WARRANT_OPERATION',
      'WARRANT_ARGUMENTS',
      'WARRANT_SUBJECT',
      'WARRANT_FIELDS',
    ]);
  });

  it.each([
    'query{__schema{types{name}}}',
    'query{__type(name:"LowIncome"){name}}',
    'mutation{x}',
    'subscription{x}',
    'nonsense',
    '',
    `${CATEGORY} query B{__typename}`,
    'query($representations:[_Any!]!){_entities(representations:$representations){__typename} __schema{types{name}}}',
    'query{_entities(representations:[{__typename:"DataSubject",id:"other"}]){...on DataSubject{lowIncome{category}}}}',
    'query($r:[_Any!]!){_entities(representations:$r){...on DataSubject{lowIncome{category}}}}',
    '{_service{sdl} more:_service{sdl}}',
  ])('let nobody run %s', (query) => {
    expect(refusalOf(QUERY_CHECKS, { ...good, op: sha256(query) }, query, representing(SUB))).toBe('WARRANT_SUBJECT');
  });
});

describe('the checks of a yes/no predicate', () => {
  const { fld: _fld, cid: _cid, cv: _cv, svc: _svc, ...named } = good;
  const args = { value: '000000000002' };
  const warrant: WarrantClaims = { ...named, pur: 'check', op: sha256('nhi-card-number'), args: sha256(canonicalJson(args)) };
  const refusal = (
    checks: readonly WarrantCheck[],
    claims: WarrantClaims,
    predicate = 'nhi-card-number',
    variables: Record<string, unknown> = args,
  ) => {
    const takeOnce = replayWindow(() => NOW * 1000);
    return firstRefusal(checks, { claims, operation: null, digest: sha256(predicate), variables }, { agency: 'mohw', now: NOW, takeOnce });
  };

  it('let through what the warrant is for', () => expect(refusal(PREDICATE_CHECKS, warrant)).toBeNull());

  it.each([
    [audience, 'WARRANT_AUDIENCE', { ...warrant, aud: 'moi' }, undefined, undefined],
    [clock, 'WARRANT_CLOCK', { ...warrant, iat: NOW - 100, exp: NOW - 40 }, undefined, undefined],
    [operation, 'WARRANT_OPERATION', warrant, 'deceased', undefined],
    [boundArguments, 'WARRANT_ARGUMENTS', warrant, undefined, { value: '000000000003' }],
    [checkPurpose, 'WARRANT_OPERATION', { ...warrant, pur: 'dpv:PublicBenefit' }, undefined, undefined],
  ] as const)('need each one (%#)', (check, code, claims, predicate, variables) => {
    expect(refusal(PREDICATE_CHECKS, claims, predicate, variables)).toBe(code);
    expect(
      refusal(
        PREDICATE_CHECKS.filter((each) => each !== check),
        claims,
        predicate,
        variables,
      ),
    ).toBeNull();
  });
});
