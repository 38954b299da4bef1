import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDoor } from '../../gateway/operation/door.ts';
import { composeSupergraph } from '../../schema/compose.ts';
import { readContract } from '../../schema/contract.ts';
import { HubError } from '../../schema/errors.ts';
import { consentOf, PRELUDE, recordsOf, SUPERGRAPH } from '../fixtures/smallContract.ts';
import { openWorld, type World } from './operationWorld.ts';

/** Published bypasses of GraphQL field authorization and of gateways (docs/facts.md): none works here. */

let world: World;
beforeAll(async () => {
  const consents = [consentOf('alice', { 'moa.person': ['name'], 'mob.visits': ['day'] })];
  world = await openWorld({ records: new Map([['alice', recordsOf('alice')]]), consents });
});
afterAll(() => world.close());

const HUB = {
  name: 'hub',
  sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])
    type Query { me: DataSubject } type DataSubject @key(fields: "id") { id: ID! @inaccessible }`,
};
const MARKS = 'unit: "moa.u", methods: ["otp-sms"], refresh: "daily", legalBasis: "法 | Act"';

/** Why the gateway does not start on these agencies, or null. */
function hole(...agencies: { name: string; sdl: string; prelude?: string }[]): string | null {
  try {
    readContract(
      composeSupergraph([HUB, ...agencies.map(({ name, sdl, prelude = PRELUDE }) => ({ name, sdl: `${prelude}\n${sdl}` }))]).supergraphSdl,
    );
    return null;
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

const PERSON = `extend type DataSubject { "人 | Person" person: Person } type Person @dataset(id: "moa.person", ${MARKS}) { "名 | Name" name: String }`;

describe('a supergraph that could be read around its marks', () => {
  it('is not served: an implementing type that its interface’s mark does not cover (CVE-2025-64173, CVE-2025-64530)', () => {
    expect(hole({ name: 'moa', sdl: PERSON })).toBeNull();
    const through = `extend type DataSubject { "人 | Person" person: Named } interface Named { "名 | Name" name: String } type Person implements Named @dataset(id: "moa.person", ${MARKS}) { "名 | Name" name: String }`;
    expect(hole({ name: 'moa', sdl: through })).toBe('CONTRACT_HOLE');
  });

  it('is not served: a directive renamed by @link (CVE-2025-64347)', () => {
    const prelude = PRELUDE.replace('import: ["@dataset", "@personal"]', 'import: ["@dataset", {name: "@personal", as: "@mine"}]')
      .replaceAll('"@personal")', '"@mine")')
      .replace('directive @personal', 'directive @mine');
    expect(['CONTRACT_HOLE', 'CONTRACT_BROKEN']).toContain(hole({ name: 'moa', prelude, sdl: PERSON }));
    expect(() =>
      readContract(SUPERGRAPH.replace('import: ["@dataset", "@personal"]', 'import: ["@dataset", "@personal"], as: "x"')),
    ).toThrow(HubError);
  });

  it('is not served: another agency’s field through @requires (GHSA-m8jr-fxqx-8xx6)', () => {
    const prelude = PRELUDE.replace('"@key", ', '"@key", "@requires", "@external", "@shareable", ');
    const other = `extend type DataSubject { person: Person @external "錄 | Copy" copy: Copy @requires(fields: "person { name }") } type Person { name: String @external } type Copy @dataset(id: "mob.copy", ${MARKS}) { "名 | Name" name: String }`;
    expect(['CONTRACT_HOLE', 'CONTRACT_BROKEN']).toContain(hole({ name: 'moa', sdl: PERSON }, { name: 'mob', prelude, sdl: other }));
  });

  it('is not served: a mark merged by OR from two agencies', () => {
    const prelude = PRELUDE.replace('"@key", ', '"@key", "@shareable", ');
    const both = (mark: string) =>
      `extend type DataSubject { "人 | Person" person: Person @shareable } type Person @shareable @dataset(id: "moa.person", ${MARKS}) { "名 | Name" name: String ${mark} }`;
    expect(hole({ name: 'moa', prelude, sdl: both('@personal(special: true)') }, { name: 'mob', prelude, sdl: both('') })).toBe(
      'CONTRACT_HOLE',
    );
  });

  it.each([
    ['datasets', SUPERGRAPH],
    ['a renamed specification', SUPERGRAPH.replaceAll('@dataset', '@ds').replace('import: ["@ds", "@personal"]', 'as: "c"')],
    ['the directive alone', SUPERGRAPH.replace(/@link\(url: "https:\/\/mydata.example[^)]*\)/, '')],
  ])('is not served by the conformance door either, which knows no consent: %s', async (_what, supergraphSdl) => {
    const opening = createDoor({ supergraphSdl, introspection: false, limited: true, requestId: () => 'request', failure: () => {} });
    await expect(opening).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });
});

describe('prototype pollution (CVE-2026-32621)', () => {
  it.each(['__proto__', '__typename', '__x'])('by the alias %s is refused', async (alias) => {
    const answer = await world.ask('alice', `{ me { ${alias}: person { name } } }`);
    expect([answer.status, answer.body.errors?.[0]?.extensions['code']]).toEqual([400, 'OPERATION_INVALID']);
  });

  it.each(['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then'])(
    'by the alias %s is an ordinary answer',
    async (alias) => {
      const answer = await world.ask(
        'alice',
        `{ ${alias}: me { ${alias}: person { ${alias}: name diagnosis } visits { ${alias}: records { day } } } }`,
      );
      expect(answer.body.data).toEqual({ [alias]: { [alias]: { [alias]: 'name of alice', diagnosis: null }, visits: { [alias]: [] } } });
      expect(Object.getOwnPropertyNames(answer.body.data?.[alias])).toEqual([alias, 'visits']);
    },
  );

  it('by a variable is refused with the body', async () => {
    const body = '{"query": "query ($x: Int) { me { visits { records(first: $x) { day } } } }", "variables": {"__proto__": {"x": 1}}}';
    const answer = await world.send('/graphql', {
      method: 'POST',
      headers: { authorization: 'DPoP alice', 'content-type': 'application/json' },
      body,
    });
    expect([answer.status, answer.body.errors?.[0]?.extensions['code']]).toEqual([400, 'REQUEST_MALFORMED']);
  });

  it('by an agency’s JSON changes nothing', async () => {
    const polluted = JSON.parse(
      '{"id": "alice", "__proto__": {"polluted": true}, "person": {"name": "A", "__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}}',
    ) as object;
    const bad = await openWorld({
      consents: [consentOf('alice', { 'moa.person': ['name'] })],
      meddle: (_agency, answer) => ({ ...answer, data: { _entities: [polluted] } }),
    });
    const answer = await bad.ask('alice', '{ me { person { name } } }');
    await bad.close();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(answer.body.data).toEqual({ me: { person: { name: 'A' } } });
  });
});

describe('an operation that costs more than it weighs', () => {
  const refused = async (query: string) => {
    const answer = await world.ask('alice', query);
    return [answer.status, answer.body.errors?.[0]?.extensions['code']];
  };

  it('is refused: named-fragment explosion (CVE-2025-32030 to 32034)', async () => {
    const levels = Array.from({ length: 20 }, (_, level) => `fragment F${level} on DataSubject { ...F${level + 1} ...F${level + 1} }`).join(
      ' ',
    );
    expect(await refused(`{ me { ...F0 } } ${levels} fragment F20 on DataSubject { person { name } }`)).toEqual([
      400,
      'OPERATION_TOO_LARGE',
    ]);
    expect(await refused('{ me { ...A } } fragment A on DataSubject { ...A }')).toEqual([400, 'OPERATION_INVALID']);
  });

  it('is refused: 1,000 aliases, depth 300, 100,000 tokens', async () => {
    const aliases = Array.from({ length: 1000 }, (_, index) => `a${index}: name`).join(' ');
    expect(await refused(`{ me { person { ${aliases} } } }`)).toEqual([400, 'OPERATION_TOO_LARGE']);
    expect(await refused(`{ ${'me { '.repeat(300)} x ${'} '.repeat(300)} }`)).toEqual([400, 'OPERATION_TOO_LARGE']);
    expect(await refused(`{ me { person { ${'name '.repeat(20_000)} } } }`)).toEqual([400, 'OPERATION_TOO_LARGE']);
  });

  it('is refused: each alias of the subject would be a call to every agency', async () => {
    expect(await refused(`{ ${Array.from({ length: 9 }, (_, index) => `a${index}: me { person { name } }`).join(' ')} }`)).toEqual([
      400,
      'OPERATION_TOO_LARGE',
    ]);
  });

  it('is refused: introspection, which is published instead', async () => {
    expect(await refused('{ __schema { types { name } } }')).toEqual([400, 'INTROSPECTION_OFF']);
    const { status, text } = await world.send('/schema.graphql', { method: 'GET' });
    expect([status, text.includes('type DataSubject'), text.includes('@'), text.includes('id: ID!\n  person')]).toEqual([
      200,
      true,
      false,
      false,
    ]);
  });

  it('is refused: a body that is compressed, or beyond the limit, before it is read', async () => {
    const body = JSON.stringify({ query: '{ me { person { name } } }', padding: 'x'.repeat(10_000_000) });
    const headers = { authorization: 'DPoP alice', 'content-type': 'application/json' };
    expect(
      (await world.send('/graphql', { method: 'POST', headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(body) })).status,
    ).toBe(415);
    expect((await world.send('/graphql', { method: 'POST', headers, body: body.slice(0, 200_000) })).status).toBe(413);
  });
});
