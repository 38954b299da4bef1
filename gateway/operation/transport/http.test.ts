import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgencyRequest } from '../../../schema/agencyTransport.ts';
import { createWarrantOpener } from '../../../schema/warrantOpener.ts';
import { serveAgency } from '../../../subgraphs/_kit/serveAgency.ts';
import {
  agencyKey,
  gatewayKey,
  NOW,
  openAgencies,
  queryFor,
  readWarrant,
  representing,
  sealerFor,
  silent,
} from '../../../test/fixtures/agencies.ts';
import { tlsAuthority } from '../../../test/fixtures/tlsMaterial.ts';
import { httpTransport, type HttpTransportOptions } from './http.ts';
import { transportTo } from './transportTo.ts';

const now = () => NOW;
const sealer = sealerFor(['moi'], now);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const REQUEST: AgencyRequest = { query: '{x}', variables: {}, warrant: readWarrant('moi', '{x}'), request: 'request-1' };

/** An agency that behaves as the test says, and the way to it. */
async function agencyThat(behaves: RequestListener, more: Partial<HttpTransportOptions> = {}) {
  const server: Server = createServer(behaves);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const transport = httpTransport({
    agency: 'moi',
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    sealer,
    timeoutMs: 10_000,
    ...more,
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
    () => transport.close(),
  );
  return transport;
}
const saying =
  (text: string, status = 200): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(text);
const failure = (call: Promise<unknown>) =>
  call.then(
    () => 'ANSWERED',
    (error: { code: string }) => error.code,
  );

describe('the way to an agency over HTTP', () => {
  it('sends the sealed warrant and the request id beside query and variables, and nothing else', async () => {
    const seen: { headers?: unknown; body?: string } = {};
    const transport = await agencyThat((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        Object.assign(seen, { headers: request.headers, body });
        saying('{"data":{"x":1}}')(request, response);
      });
    });
    expect(await transport.call(REQUEST)).toEqual({ data: { x: 1 }, extensions: { datasets: {} } });
    expect(seen.body).toBe('{"query":"{x}","variables":{}}');
    const headers = seen.headers as Record<string, string>;
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'connection',
      'content-length',
      'content-type',
      'host',
      'warrant',
      'x-request-id',
    ]);
    const opened = createWarrantOpener({ agency: 'moi', own: [agencyKey('moi')], gateways: [gatewayKey], now })(headers['warrant'] ?? '');
    expect(opened).toEqual({ claims: REQUEST.warrant });
  });

  it.each([
    ['no JSON', saying('<html>')],
    ['nothing', saying('')],
    ['a list', saying('[]')],
    ['a text', saying('"x"')],
    ['data that is no object', saying('{"data":[]}')],
    ['neither data nor errors', saying('{"extensions":{}}')],
    ['a prototype', saying('{"data":{"__proto__":{"admin":true}}}')],
    ['a prototype in disguise', saying('{"data":{"\\u005f_pr\\u006fto__" : {"admin":true}}}')],
    ['a server error', saying('{"data":{"x":1}}', 500)],
    ['another status', saying('{"data":{"x":1}}', 206)],
    ['a redirection', saying('', 307)],
    ['a broken connection', (request) => void request.socket.destroy()],
    [
      'half an answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"data"');
        response.socket?.destroySoon();
      },
    ],
    ['silence', () => undefined],
    [
      'an answer without end',
      (_request, response) => {
        response.writeHead(200).write('{');
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('takes %s for an agency that is not available', async (_name, behaves) => {
    expect(await failure((await agencyThat(behaves, { timeoutMs: 1000 })).call(REQUEST))).toBe('SOURCE_UNAVAILABLE');
  });

  it('reads no more of an answer than its cap', async () => {
    const transport = await agencyThat(saying(JSON.stringify({ data: { x: 'y'.repeat(5000) } })), { maxBytes: 4096 });
    expect(await failure(transport.call(REQUEST))).toBe('SOURCE_UNAVAILABLE');
  });

  it('gives up when its caller does', async () => {
    const transport = await agencyThat(() => undefined, { timeoutMs: 60_000 });
    const controller = new AbortController();
    const call = failure(transport.call({ ...REQUEST, signal: controller.signal }));
    controller.abort();
    expect(await call).toBe('SOURCE_UNAVAILABLE');
    expect(await failure(transport.call({ ...REQUEST, signal: AbortSignal.abort() }))).toBe('SOURCE_UNAVAILABLE');
  });

  it('tries once: the warrant is used up', async () => {
    let calls = 0;
    const transport = await agencyThat((request) => {
      calls += 1;
      request.socket.destroy();
    });
    await failure(transport.call(REQUEST));
    expect(calls).toBe(1);
  });

  it('costs only its own call when the agency is down', async () => {
    const transport = httpTransport({ agency: 'moi', url: new URL('http://127.0.0.1:9'), sealer, timeoutMs: 300 });
    closing.push(() => transport.close());
    expect(await failure(transport.call(REQUEST))).toBe('SOURCE_UNAVAILABLE');
  });

  it('keeps an agency’s own words, foreign datasets and unknown members out', async () => {
    const body = {
      data: { x: null },
      errors: [
        {
          message: 'SQL: B199999025 not found at /srv/x.js',
          path: ['x', 0],
          locations: [{ line: 1 }],
          extensions: { code: 'SQL', stack: 'x' },
        },
        'nonsense',
      ],
      extensions: {
        trace: 'x',
        datasets: {
          'moi.household.personal': { state: 'AVAILABLE', asOf: '2019-12-20', more: 'x' },
          'mof.property': { state: 'AVAILABLE', asOf: '2019-12-20' },
          'moi.kinship': { state: 'MAYBE', asOf: '2019-12-20' },
        },
      },
    };
    const message = 'The agency did not answer; its fields are missing from this answer.';
    expect(await (await agencyThat(saying(JSON.stringify(body)))).call(REQUEST)).toEqual({
      data: { x: null },
      errors: [
        { message, path: ['x', 0], extensions: { code: 'SOURCE_UNAVAILABLE' } },
        { message, extensions: { code: 'SOURCE_UNAVAILABLE' } },
      ],
      extensions: { datasets: { 'moi.household.personal': { state: 'AVAILABLE', asOf: '2019-12-20' } } },
    });
  });

  it.each([
    [401, 'WARRANT_CLOCK', 'WARRANT_CLOCK'],
    [403, 'WARRANT_FIELDS', 'WARRANT_FIELDS'],
    [400, 'CHECK_UNKNOWN', 'CHECK_UNKNOWN'],
    [500, 'WARRANT_CLOCK', 'SOURCE_UNAVAILABLE'],
    [401, 'TOKEN_INVALID', 'SOURCE_UNAVAILABLE'],
    [401, 'constructor', 'SOURCE_UNAVAILABLE'],
  ])('passes on a refusal of the warrant, and only that (%s %s)', async (status, code, expected) => {
    const transport = await agencyThat(saying(JSON.stringify({ errors: [{ message: 'x', extensions: { code } }] }), status));
    expect(await failure(transport.call(REQUEST))).toBe(expected);
  });

  it.each(['{"answer":"true"}', '{"answer":1}', '{}', 'true'])('takes only a yes or no for an answer to a check, not %s', async (text) => {
    const transport = await agencyThat(saying(text));
    expect(await failure(transport.check({ predicate: 'x', arguments: {}, warrant: REQUEST.warrant, request: 'request-1' }))).toBe(
      'SOURCE_UNAVAILABLE',
    );
  });
});

describe('outside the loopback', () => {
  const tls = { ca: 'x', cert: 'x', key: 'x' };
  it.each([
    ['plain HTTP', 'http://moi.example:4443', tls],
    ['https without a certificate of its own', 'https://moi.example:4443', undefined],
    ['an address that only looks like the loopback', 'http://127.0.0.1.example:4443', undefined],
    ['a path', 'http://127.0.0.1:1/graphql', undefined],
    ['a password', 'http://user:x@127.0.0.1:1/', undefined],
  ])('refuses to start with %s', (_name, url, material) => {
    expect(() => httpTransport({ agency: 'moi', url: new URL(url), sealer, ...(material && { tls: material }) })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION' }),
    );
  });
});

describe.each(['https', 'wss'])('mutual TLS (%s)', (scheme) => {
  it('joins the gateway and the agency that its certificate names, and nobody else', async () => {
    const authority = await tlsAuthority();
    const stranger = await tlsAuthority();
    const [agencyTls, gatewayTls, otherTls, strangerTls] = await Promise.all([
      authority.issue('moi'),
      authority.issue('gateway'),
      authority.issue('mof'),
      stranger.issue('moi'),
    ]);
    const { agencies, close } = await openAgencies(['moi'], { now, registerDate: () => '2019-12-20' });
    closing.push(close);
    const moi = agencies.get('moi');
    if (moi === undefined) throw new Error('no agency');
    const opener = createWarrantOpener({ agency: 'moi', own: [agencyKey('moi')], gateways: [gatewayKey], now });
    const serve = async (tls: typeof agencyTls) => {
      const served = await serveAgency({ agency: moi, opener, host: '127.0.0.1', port: 0, tls, logger: silent });
      closing.push(() => served.close());
      return new URL(`https://127.0.0.1:${served.port}`);
    };
    const fields = { 'moi.household.personal': ['name'] };
    const query = queryFor(moi.shapes, fields);
    const through = async (url: URL, tls?: typeof agencyTls) => {
      const transport = transportTo({ agency: 'moi', url: new URL(url.href.replace('https', scheme)), sealer, ...(tls && { tls }) });
      closing.push(() => transport.close());
      return failure(
        transport.call({ query, variables: representing(), warrant: readWarrant('moi', query, { fld: fields }), request: 'request-1' }),
      );
    };
    const right = await serve(agencyTls);
    expect(await through(right, gatewayTls)).toBe('ANSWERED');
    expect(await through(right, { ...strangerTls, ca: authority.ca })).toBe('SOURCE_UNAVAILABLE');
    expect(await through(right, { ...gatewayTls, ca: stranger.ca })).toBe('SOURCE_UNAVAILABLE');
    expect(await through(await serve(otherTls), gatewayTls)).toBe('SOURCE_UNAVAILABLE');
    expect(await through(await serve(strangerTls), gatewayTls)).toBe('SOURCE_UNAVAILABLE');
    await expect(fetch(right, { method: 'POST' })).rejects.toThrow();
  });
});
