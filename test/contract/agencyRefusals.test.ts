import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { execute, graphql, parse } from 'graphql';
import { canonicalJson, sha256 } from '../../schema/canonical.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';
import { createWarrantOpener } from '../../schema/warrantOpener.ts';
import { createWarrantSealer } from '../../schema/warrantSealer.ts';
import type { Agency } from '../../subgraphs/_kit/createAgency.ts';
import { serveAgency } from '../../subgraphs/_kit/serveAgency.ts';
import {
  ADULT,
  agencyKey,
  checkWarrant,
  gatewayKey,
  nationalId,
  NOW,
  openAgencies,
  queryFor,
  readWarrant,
  representing,
  sealerFor,
  serve,
  STUDENT,
  SUBJECT,
  transportsTo,
  type TestAgencies,
} from '../fixtures/agencies.ts';
import { warrantKeyNamed } from '../fixtures/warrantKeys.ts';

let opened: TestAgencies;
let mohw: Agency;
let served: Awaited<ReturnType<typeof serve>>;
const logged: string[] = [];
const now = () => NOW;

beforeAll(async () => {
  opened = await openAgencies(['mohw'], { now, registerDate: () => '2019-12-20' });
  const agency = opened.agencies.get('mohw');
  if (agency === undefined) throw new Error('no agency');
  mohw = agency;
  const note = (members: object, message: string) => void logged.push(`${message} ${JSON.stringify(members)}`);
  served = await serve(mohw, now, { info: note, warn: note, error: note });
});
afterAll(async () => {
  await served.close();
  await opened.close();
});

const FIELDS = { 'mohw.low-income': ['category', 'validTo'] };
const query = () => queryFor(mohw.shapes, FIELDS);
const seal = (claims: WarrantClaims) => sealerFor(['mohw'], now)(claims);
const good = (more: Partial<WarrantClaims> = {}) => readWarrant('mohw', query(), { fld: FIELDS, ...more });

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly warrant?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
/** Sends one request as somebody on the agency's network would. */
async function send({
  path = '/graphql',
  method = 'POST',
  warrant = seal(good()),
  headers = {},
  body = JSON.stringify({ query: query(), variables: representing() }),
}: Sent = {}) {
  const response = await fetch(new URL(path, served.url), {
    method,
    headers: { 'content-type': 'application/json', ...(warrant !== null && { warrant }), ...headers },
    ...(method !== 'GET' && method !== 'HEAD' && { body }),
  });
  return { status: response.status, text: await response.text() };
}
const code = (text: string) => (JSON.parse(text) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;

describe('an agency alone over HTTP', () => {
  it('answers under a valid warrant', async () => {
    const { status, text } = await send();
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ data: { _entities: [{ lowIncome: { category: 'LOW_INCOME' } }] } });
  });

  it('answers a gateway, and anybody else with a warrant, with the same', async () => {
    const [gateway, other] = await Promise.all([send({ headers: { accept: 'application/json' } }), send({ headers: { accept: '*/*' } })]);
    expect(gateway.status).toBe(200);
    expect(JSON.parse(gateway.text)).toEqual(JSON.parse(other.text));
    const body = JSON.stringify({ query: query(), variables: { representations: [null] } });
    for (const accept of ['application/json', '*/*'])
      expect(code((await send({ headers: { accept }, body })).text)).toBe('WARRANT_SUBJECT');
  });

  it.each([
    ['POST', '/graphql'],
    ['GET', '/graphql'],
    ['POST', '/check'],
    ['GET', '/'],
    ['GET', '/health'],
    ['OPTIONS', '/graphql'],
    ['PUT', '/anything'],
  ])('answers nothing without one (%s %s)', async (method, path) => {
    const { status, text } = await send({ method, path, warrant: null });
    expect(status).toBe(401);
    expect(code(text)).toBe('WARRANT_MISSING');
  });

  it.each(['GET', 'PUT', 'DELETE'])('answers only POST (%s)', async (method) => {
    const { status } = await send({ method });
    expect(status).toBe(404);
  });

  it.each([
    ['nonsense', () => 'nonsense', 'WARRANT_HEADER'],
    ['two warrants in one header', () => `${seal(good())}, ${seal(good())}`, 'WARRANT_HEADER'],
    ['one over 8 KiB', () => 'x'.repeat(8193), 'WARRANT_TOO_LARGE'],
    ['one for another agency', () => sealerFor(['mohw', 'moi'], now)(readWarrant('moi', query(), { fld: FIELDS })), 'WARRANT_KEY'],
    [
      'one of a gateway that is not pinned',
      () => createWarrantSealer({ own: warrantKeyNamed('stranger'), agencies: { mohw: agencyKey('mohw') }, now, randomBytes })(good()),
      'WARRANT_KEY',
    ],
    [
      'one under a pinned name by somebody else',
      () =>
        createWarrantSealer({
          own: { ...warrantKeyNamed('stranger'), kid: gatewayKey.kid },
          agencies: { mohw: agencyKey('mohw') },
          now,
          randomBytes,
        })(good()),
      'WARRANT_SEAL',
    ],
    ['one that has ended', () => seal(good({ iat: NOW / 1000 - 120, exp: NOW / 1000 - 60 })), 'WARRANT_CLOCK'],
    ['one without claims about a consent', () => seal({ ...good(), cid: undefined } as unknown as WarrantClaims), 'WARRANT_CLAIMS'],
  ])('refuses %s', async (_name, warrant, expected) => {
    const { status, text } = await send({ warrant: warrant() });
    expect(status).toBe(401);
    expect(code(text)).toBe(expected);
    expect(text).not.toMatch(/LOW_INCOME|stack|\.ts/);
  });

  it('answers a warrant once, however many send it at the same time', async () => {
    const warrant = seal(good());
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ warrant })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ text }) => code(text) === 'WARRANT_REPLAYED')).toHaveLength(19);
  });

  it.each([
    ['another field', () => queryFor(mohw.shapes, { 'mohw.low-income': ['category', 'classLevel'] }), 'WARRANT_FIELDS'],
    ['the certificate’s people', () => queryFor(mohw.shapes, { 'mohw.low-income': ['listedMembers.nationalId'] }), 'WARRANT_FIELDS'],
    ['another dataset', () => queryFor(mohw.shapes, { 'mohw.nhi.premium-payments': ['premiumDue'] }), 'WARRANT_FIELDS'],
    [
      'presence alone',
      () => 'query($representations:[_Any!]!){_entities(representations:$representations){...on DataSubject{lowIncome{__typename}}}}',
      'WARRANT_FIELDS',
    ],
    ['introspection', () => '{__schema{types{name}}}', 'WARRANT_SUBJECT'],
    ['the SDL', () => '{_service{sdl}}', 'WARRANT_SUBJECT'],
    ['a mutation', () => 'mutation{withdraw}', 'WARRANT_SUBJECT'],
  ])('gives nothing outside the warrant’s fields: %s', async (_name, text, expected) => {
    const asked = text();
    const answer = await send({
      warrant: seal(good({ op: sha256(asked) })),
      body: JSON.stringify({ query: asked, variables: representing() }),
    });
    expect(answer.status).toBe(403);
    expect(code(answer.text)).toBe(expected);
  });

  it('gives nothing but the warrant’s operation', async () => {
    const { status, text } = await send({ body: JSON.stringify({ query: `${query()} `, variables: representing() }) });
    expect([status, code(text)]).toEqual([403, 'WARRANT_OPERATION']);
  });

  it('tells of nobody but its subject', async () => {
    const { status, text } = await send({ body: JSON.stringify({ query: query(), variables: representing('AAAAAAAAAAAAAAAAAAAAAA') }) });
    expect([status, code(text)]).toEqual([403, 'WARRANT_SUBJECT']);
    const own = await send({ warrant: seal(good({ nid: nationalId(STUDENT) })) });
    expect(own.text).toContain('2019-12-31');
  });

  it.each([
    ['no body', ''],
    ['a list (a batch)', JSON.stringify([{ query: 'x' }, { query: 'y' }])],
    ['a text', '"query"'],
    ['null', 'null'],
    ['no query', '{}'],
    ['a query that is a list', JSON.stringify({ query: ['x'] })],
    ['variables that are a text', JSON.stringify({ query: 'x', variables: 'y' })],
    ['an operation’s name beside it', JSON.stringify({ query: 'x', operationName: 'B' })],
    ['a persisted query', JSON.stringify({ query: 'x', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } })],
    ['broken JSON', '{"query":'],
    ['a prototype', '{"query":"x","__proto__":{"variables":{}}}'],
    ['a constructor’s prototype', '{"query":"x","variables":{"constructor":{"prototype":{"a":1}}}}'],
    ['variables without end', `{"query":"x","variables":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`],
    ['a body over the cap', JSON.stringify({ query: 'x'.repeat(70_000) })],
  ])('refuses a body with %s', async (_name, body) => {
    const { status, text } = await send({ body });
    expect(status).toBe(400);
    expect(code(text)).toBe('REQUEST_MALFORMED');
    expect(text.length).toBeLessThan(200);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/graphql'])(
    'takes JSON only, not %s',
    async (type) => {
      expect((await send({ headers: { 'content-type': type } })).status).toBe(400);
    },
  );

  it('refuses a deep or long operation before it costs anything', async () => {
    const fragments = Array.from({ length: 30 }, (_, index) => `fragment F${index} on LowIncome{...F${index + 1} ...F${index + 1}}`).join(
      ' ',
    );
    const bomb = `query($representations:[_Any!]!){_entities(representations:$representations){...on DataSubject{lowIncome{...F0}}}} ${fragments} fragment F30 on LowIncome{category}`;
    const tokens = `query($representations:[_Any!]!){_entities(representations:$representations){...on DataSubject{lowIncome{${'category '.repeat(6000)}}}}}`;
    for (const asked of [tokens]) {
      const { status, text } = await send({
        warrant: seal(good({ op: sha256(asked) })),
        body: JSON.stringify({ query: asked, variables: representing() }),
      });
      expect([status, code(text)]).toEqual([403, 'WARRANT_SUBJECT']);
    }
    const answer = await send({
      warrant: seal(good({ op: sha256(bomb) })),
      body: JSON.stringify({ query: bomb, variables: representing() }),
    });
    expect([200, 403]).toContain(answer.status);
  });

  it('survives what is no HTTP', async () => {
    const reply = await new Promise<string>((resolve) => {
      const socket = connect(Number(served.url.port), '127.0.0.1', () => socket.end('\x16\x03\x01 nonsense\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(reply).toMatch(/^HTTP\/1\.1 400/);
    expect((await send()).status).toBe(200);
  });

  it('logs refusals by request and code, and nothing of a person or a warrant', async () => {
    logged.length = 0;
    const warrant = seal(good({ aud: 'mohw', op: sha256('other') }));
    await send({ warrant, headers: { 'x-request-id': 'request-7' } });
    expect(logged).toEqual(['An agency request was refused. {"agency":"mohw","request":"request-7","code":"WARRANT_OPERATION"}']);
    await send({ warrant: null, headers: { 'x-request-id': 'a b\tc' } });
    expect(logged.at(-1)).toContain('"request":"none"');
    for (const personal of [ADULT, STUDENT, SUBJECT, warrant]) expect(logged.join()).not.toContain(personal);
  });

  it('does not listen outside the loopback without mutual TLS', async () => {
    const opener = createWarrantOpener({ agency: 'mohw', own: [agencyKey('mohw')], gateways: [gatewayKey], now });
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'mohw.example']) {
      await expect(
        serveAgency({
          agency: mohw,
          opener,
          host,
          port: 0,
          logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
        }),
      ).rejects.toMatchObject({ code: 'CONFIGURATION' });
    }
  });

  it('says when its port is taken', async () => {
    const opener = createWarrantOpener({ agency: 'mohw', own: [agencyKey('mohw')], gateways: [gatewayKey], now });
    const port = Number(served.url.port);
    await expect(
      serveAgency({
        agency: mohw,
        opener,
        host: '127.0.0.1',
        port,
        logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      }),
    ).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });
});

describe('a yes/no check', () => {
  const ask = (predicate: string, args: Record<string, string>, warrant: WarrantClaims) =>
    send({ path: '/check', warrant: seal(warrant), body: JSON.stringify({ predicate, arguments: args }) });
  const value = { value: '000000000013' };

  it('is answered under a warrant of its own purpose only', async () => {
    expect((await ask('nhi-card-number', value, checkWarrant('mohw', 'nhi-card-number', value))).text).toBe('{"answer":true}');
    expect(
      code(
        (await ask('nhi-card-number', value, readWarrant('mohw', 'nhi-card-number', { fld: FIELDS, args: sha256(canonicalJson(value)) })))
          .text,
      ),
    ).toBe('WARRANT_OPERATION');
    expect(
      code((await send({ warrant: seal({ ...checkWarrant('mohw', query(), {}), args: undefined } as unknown as WarrantClaims) })).text),
    ).toBe('WARRANT_SUBJECT');
  });

  it('is one of a fixed list', async () => {
    for (const predicate of ['income-below', 'constructor', '__proto__', '']) {
      expect((await ask(predicate, value, checkWarrant('mohw', predicate, value))).status).toBeGreaterThanOrEqual(400);
    }
    expect(code((await ask('deceased', value, checkWarrant('mohw', 'deceased', value))).text)).toBe('CHECK_UNKNOWN');
  });

  it.each([
    ['an overlong value', { value: '0'.repeat(1001) }],
    ['a value that means something to a store', { value: { $ne: null } }],
    ['a number', { value: 13 }],
    ['a list', ['000000000013']],
  ])('refuses %s', async (_name, args) => {
    const { status, text } = await ask(
      'nhi-card-number',
      args as Record<string, string>,
      checkWarrant('mohw', 'nhi-card-number', args as Record<string, string>),
    );
    expect([status, code(text)]).toEqual([400, 'REQUEST_MALFORMED']);
  });

  it('is bound to its arguments', async () => {
    expect(code((await ask('nhi-card-number', { value: '000000000001' }, checkWarrant('mohw', 'nhi-card-number', value))).text)).toBe(
      'WARRANT_ARGUMENTS',
    );
  });

  it('about one person is answered 200 times in ten minutes', async () => {
    const { inProcess, close } = await transportsTo(mohw, now);
    const check = (nid: string) =>
      inProcess.check({
        predicate: 'nhi-card-number',
        arguments: value,
        warrant: checkWarrant('mohw', 'nhi-card-number', value, { nid: nationalId(nid) }),
        request: 'request-1',
      });
    const answers = await Promise.allSettled(Array.from({ length: 201 }, () => check('F299999012')));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(200);
    expect(answers.at(-1)).toMatchObject({ reason: { code: 'TOO_MANY_REQUESTS' } });
    expect(await check('A199999033')).toBe(false);
    await close();
  });
});

describe('the shield, should somebody run the schema without the checks', () => {
  const variables = representing();
  it('gives no entity', async () => {
    for (const contextValue of [undefined, {}, { request: { claims: good(), standings: new Map(), records: () => Promise.resolve([]) } }]) {
      const { data, errors } = await execute({ schema: mohw.schema, document: parse(query()), variableValues: variables, contextValue });
      expect(data ?? null).toBeNull();
      expect(errors?.[0]?.extensions).toEqual({ code: 'WARRANT_SUBJECT' });
    }
  });

  it('gives no entity but the admitted one’s', async () => {
    const admission = mohw.admit(good(), query(), variables);
    if ('refused' in admission) throw new Error(admission.refused);
    const { errors } = await execute({
      schema: mohw.schema,
      document: parse(query()),
      variableValues: representing('AAAAAAAAAAAAAAAAAAAAAA'),
      contextValue: admission.context,
    });
    expect(errors?.[0]?.extensions).toEqual({ code: 'WARRANT_SUBJECT' });
  });

  it('gives no SDL', async () => {
    const { data, errors } = await graphql({ schema: mohw.schema, source: '{_service{sdl}}', contextValue: {} });
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code: 'WARRANT_SUBJECT' });
  });
});
