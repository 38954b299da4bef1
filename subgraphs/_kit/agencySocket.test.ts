import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { sha256 } from '../../schema/canonical.ts';
import type { WarrantClaims } from '../../schema/warrant.ts';
import {
  NOW,
  openAgencies,
  queryFor,
  readWarrant,
  representing,
  sealerFor,
  serve,
  SUBJECT,
  type TestAgencies,
} from '../../test/fixtures/agencies.ts';
import type { Agency } from './createAgency.ts';

const now = () => NOW;
const seal = sealerFor(['mohw'], now);
const FIELDS = { 'mohw.low-income': ['category'] };
let opened: TestAgencies;
let mohw: Agency;
let served: Awaited<ReturnType<typeof serve>>;
const logged: string[] = [];
beforeAll(async () => {
  opened = await openAgencies(['mohw'], { now, registerDate: () => '2019-12-20' });
  const agency = opened.agencies.get('mohw');
  if (agency === undefined) throw new Error('no agency');
  mohw = agency;
  const note = (members: object) => void logged.push(JSON.stringify(members));
  served = await serve(mohw, now, { info: note, warn: note, error: note });
});
afterAll(async () => {
  await served.close();
  await opened.close();
});
const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

const query = () => queryFor(mohw.shapes, FIELDS);
const warrant = (more: Partial<WarrantClaims> = {}) => seal(readWarrant('mohw', query(), { fld: FIELDS, ...more }));
const payload = (more: object = {}) => ({
  query: query(),
  variables: representing(),
  extensions: { warrant: warrant(), request: 'request-1' },
  ...more,
});

interface Opening {
  readonly path?: string;
  readonly protocol?: string;
  readonly headers?: Record<string, string>;
  readonly init?: boolean;
}
/** A connection as somebody on the agency's network would open it. */
async function connect({ path = '/graphql', protocol = 'graphql-transport-ws', headers = {}, init = true }: Opening = {}) {
  const socket = new WebSocket(new URL(path, served.url.href.replace('http', 'ws')), protocol, { headers });
  open.push(socket);
  const messages: { id?: string; type: string; payload?: unknown }[] = [];
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  let closed: number | null = null;
  socket.on('message', (data) => {
    messages.push(JSON.parse((data as Buffer).toString()) as { type: string });
    wake();
  });
  socket.on('close', (code) => {
    closed = code;
    wake();
  });
  socket.on('error', () => undefined);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const send = (message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
  if (init && closed === null) {
    send({ type: 'connection_init' });
    await until(() => messages.length > 0 || closed !== null);
  }
  return {
    send,
    messages,
    /** The messages about one operation, once it is over. */
    async ask(id: string, asked: unknown) {
      send({ id, type: 'subscribe', payload: asked });
      const mine = () => messages.filter((message) => message.id === id);
      await until(() => closed !== null || mine().some(({ type }) => type !== 'next'));
      return mine();
    },
    async end() {
      await until(() => closed !== null);
      return closed;
    },
  };
}
const refusal = (code: string) => [
  expect.objectContaining({ type: 'error', payload: [expect.objectContaining({ extensions: { code } })] }),
];

describe('an agency by WebSocket', () => {
  it('answers under a warrant, once each', async () => {
    const { ask } = await connect();
    const asked = payload();
    expect(await ask('1', asked)).toEqual([
      {
        id: '1',
        type: 'next',
        payload: {
          data: { _entities: [{ __typename: 'DataSubject', id: SUBJECT, lowIncome: { category: 'LOW_INCOME' } }] },
          extensions: { datasets: { 'mohw.low-income': { state: 'AVAILABLE', asOf: '2019-12-20' } } },
        },
      },
      { id: '1', type: 'complete' },
    ]);
    expect(await ask('2', asked)).toEqual(refusal('WARRANT_REPLAYED'));
  });

  it.each([
    ['no warrant', () => payload({ extensions: {} }), 'WARRANT_MISSING'],
    ['no extensions', () => ({ query: query(), variables: representing() }), 'WARRANT_MISSING'],
    ['a warrant that is no text', () => payload({ extensions: { warrant: {} } }), 'WARRANT_MISSING'],
    ['a warrant over 8 KiB', () => payload({ extensions: { warrant: 'x'.repeat(8193) } }), 'WARRANT_TOO_LARGE'],
    ['nonsense', () => payload({ extensions: { warrant: 'nonsense' } }), 'WARRANT_HEADER'],
    [
      'one that has ended',
      () => payload({ extensions: { warrant: warrant({ iat: NOW / 1000 - 120, exp: NOW / 1000 - 60 }) } }),
      'WARRANT_CLOCK',
    ],
    ['more beside it', () => payload({ extensions: { warrant: warrant(), persistedQuery: {} } }), 'REQUEST_MALFORMED'],
    ['the name of an operation', () => payload({ operationName: 'A' }), 'REQUEST_MALFORMED'],
    [
      'variables without end',
      () => payload({ variables: { a: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown } }),
      'REQUEST_MALFORMED',
    ],
    ['another operation', () => payload({ query: `${query()} ` }), 'WARRANT_OPERATION'],
    ['other variables', () => payload({ variables: { ...representing(), first: 1 } }), 'WARRANT_ARGUMENTS'],
    ['another subject', () => payload({ variables: representing('AAAAAAAAAAAAAAAAAAAAAA') }), 'WARRANT_SUBJECT'],
    ['fewer fields', () => payload({ extensions: { warrant: warrant({ fld: {} }) } }), 'WARRANT_FIELDS'],
    ...['{__schema{types{name}}}', '{_service{sdl}}', 'subscription{x}', 'mutation{x}', '{__typename}'].map(
      (text): [string, () => object, string] => [
        text,
        () => payload({ query: text, extensions: { warrant: warrant({ op: sha256(text) }) } }),
        'WARRANT_SUBJECT',
      ],
    ),
  ])('refuses %s, and goes on', async (_name, asked, code) => {
    const { ask } = await connect();
    expect(await ask('1', asked())).toEqual(refusal(code));
    expect((await ask('2', payload())).map(({ type }) => type)).toEqual(['next', 'complete']);
  });

  it('logs a refusal by request and code', async () => {
    logged.length = 0;
    await (await connect()).ask('1', payload({ extensions: { request: 'request-7' } }));
    expect(logged).toEqual(['{"agency":"mohw","request":"request-7","code":"WARRANT_MISSING"}']);
  });

  it.each([
    ['garbage', 'x', 4400],
    ['a prototype', '{"id":"1","type":"subscribe","payload":{"query":"{x}","variables":{"__proto__":{"a":1}}}}', 4400],
    ['a message of a server', '{"id":"1","type":"next","payload":{}}', 4500],
    ['a second beginning', '{"type":"connection_init"}', 4429],
    ['a message over the cap', JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'x'.repeat(80_000) } }), 1009],
  ])('ends the connection for %s', async (_name, message, code) => {
    const { send, end } = await connect();
    send(message);
    expect(await end()).toBe(code);
  });

  it('hears no operation before the beginning', async () => {
    const { send, end } = await connect({ init: false });
    send({ id: '1', type: 'subscribe', payload: payload() });
    expect(await end()).toBe(4401);
  });

  it.each([
    ['another path', { path: '/' }],
    ['a browser', { headers: { origin: 'https://mallory.example' } }],
    ['another protocol', { protocol: 'graphql-ws' }],
  ])('does not begin with %s', async (_name, opening) => {
    const { ask, end } = await connect({ ...opening, init: false });
    expect(await end()).not.toBeNull();
    expect(ask).toBeDefined();
  });

  it('answers what is under way when it closes, and nothing new', async () => {
    const own = await serve(mohw, now);
    const socket = new WebSocket(new URL('/graphql', own.url.href.replace('http', 'ws')), 'graphql-transport-ws');
    open.push(socket);
    const types: string[] = [];
    socket.on('message', (data) => types.push((JSON.parse((data as Buffer).toString()) as { type: string }).type));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    await new Promise((resolve) => socket.once('message', resolve));
    const over = new Promise((resolve) => socket.once('close', resolve));
    await own.close();
    expect(await over).toBe(1001);
    expect(types).toEqual(['connection_ack']);
  });
});
