import { afterEach, describe, expect, it } from '@jest/globals';
import type { AgencyRequest, AgencyTransport } from '../../../schema/agencyTransport.ts';
import { NOW, readWarrant, representing, sealerFor } from '../../../test/fixtures/agencies.ts';
import { fakeAgency, type Exchange } from '../../../test/fixtures/fakeAgency.ts';
import type { HttpTransportOptions } from './http.ts';
import { transportTo } from './transportTo.ts';

const sealer = sealerFor(['moi'], () => NOW);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const request = (more: Partial<AgencyRequest> = {}): AgencyRequest => ({
  query: '{x}',
  variables: {},
  warrant: readWarrant('moi', '{x}'),
  request: 'request-1',
  ...more,
});
const GOOD = '{"data":{"x":1}}';
const code = (call: Promise<unknown>) =>
  call.then(
    () => 'ANSWERED',
    (error: { code: string }) => error.code,
  );
const settled = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Scheme = 'http' | 'ws';
function way(scheme: Scheme, port: number, more: Partial<HttpTransportOptions> = {}): AgencyTransport {
  const url = new URL(`${scheme}://127.0.0.1:${port}`);
  const transport = transportTo({ agency: 'moi', url, sealer, timeoutMs: 10_000, random: () => 0.5, ...more });
  closing.push(() => transport.close());
  return transport;
}

describe.each(['http', 'ws'] as const)('the way to an agency by %s', (scheme) => {
  async function agencyThat(behave: (exchange: Exchange) => void, more: Partial<HttpTransportOptions> = {}) {
    const agency = await fakeAgency(behave);
    closing.push(agency.close);
    return { agency, transport: way(scheme, agency.port, more) };
  }

  it('brings an answer', async () => {
    const { transport } = await agencyThat(({ say }) => say(GOOD));
    expect(await transport.call(request())).toEqual({ data: { x: 1 }, extensions: { datasets: {} } });
  });

  it('hands on an entity whoever it is about: the caller knows whom it asked for', async () => {
    const { transport } = await agencyThat(({ say }) => say('{"data":{"_entities":[{"id":"another"}]}}'));
    expect((await transport.call(request())).data).toEqual({ _entities: [{ id: 'another' }] });
  });

  it('brings a refusal of the warrant by its code, and nothing else by its own', async () => {
    const codes = ['WARRANT_FIELDS', 'REQUEST_MALFORMED', 'TOKEN_INVALID', 'constructor'];
    const { transport } = await agencyThat(({ refuse }) => refuse(codes.shift() ?? ''));
    const found = [];
    for (let turn = 0; turn < 4; turn += 1) found.push(await code(transport.call(request())));
    expect(found).toEqual(['WARRANT_FIELDS', 'REQUEST_MALFORMED', 'SOURCE_UNAVAILABLE', 'SOURCE_UNAVAILABLE']);
  });

  it.each([
    ['HTML', ({ babble }: Exchange) => babble('<html>')],
    ['nothing', ({ babble }: Exchange) => babble('')],
    ['a list', ({ say }: Exchange) => say('[]')],
    ['data that is no object', ({ say }: Exchange) => say('{"data":[]}')],
    ['neither data nor errors', ({ say }: Exchange) => say('{"extensions":{}}')],
    ['a prototype', ({ say }: Exchange) => say('{"data":{"__proto__":{"admin":true}}}')],
    ['a prototype in disguise', ({ say }: Exchange) => say('{"data":{"\\u005f_pr\\u006fto__" : {"admin":true}}}')],
    ['a broken connection', ({ drop }: Exchange) => drop()],
    [
      'half an answer',
      ({ dribble, drop }: Exchange) => {
        dribble('x', 1000);
        setTimeout(drop, 20);
      },
    ],
    ['silence', () => undefined],
    ['an answer that trickles', ({ dribble }: Exchange) => dribble(' ', 20)],
  ])('takes %s for an agency that is not available', async (_name, behave) => {
    const { transport } = await agencyThat(behave, { timeoutMs: 800 });
    expect(await code(transport.call(request()))).toBe('SOURCE_UNAVAILABLE');
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('reads no more of an endless answer than its cap', async () => {
    const { agency, transport } = await agencyThat(({ dribble }) => dribble('x'.repeat(100_000), 0), { maxBytes: 300_000 });
    expect(await code(transport.call(request()))).toBe('SOURCE_UNAVAILABLE');
    await settled(100);
    expect(agency.written()).toBeLessThan(20_000_000);
  });

  it('lives through an answer nested without end', async () => {
    const { transport } = await agencyThat(({ say }) => say(`{"data":{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`));
    expect(['ANSWERED', 'SOURCE_UNAVAILABLE']).toContain(await code(transport.call(request())));
  });

  it('gives up when its caller does, and the agency learns of it', async () => {
    let learned = (): void => undefined;
    const told = new Promise<void>((resolve) => (learned = resolve));
    const controller = new AbortController();
    const { transport } = await agencyThat(({ onGivenUp }) => {
      onGivenUp(learned);
      controller.abort();
    });
    expect(await code(transport.call(request({ signal: controller.signal })))).toBe('SOURCE_UNAVAILABLE');
    await told;
    expect(await code(transport.call(request({ signal: AbortSignal.abort() })))).toBe('SOURCE_UNAVAILABLE');
    expect(transport.health?.()).toEqual({ state: 'CLOSED', failures: 0 });
  });

  it('sends once: the warrant is used up', async () => {
    let calls = 0;
    const { transport } = await agencyThat(({ drop }) => {
      calls += 1;
      drop();
    });
    await code(transport.call(request()));
    await settled(200);
    expect(calls).toBe(1);
  });

  it('costs only its own call when the agency is down', async () => {
    const agency = await fakeAgency(() => undefined);
    await agency.close();
    expect(await code(way(scheme, agency.port, { timeoutMs: 500 }).call(request()))).toBe('SOURCE_UNAVAILABLE');
  });

  it('leaves an agency alone that does not answer, and comes back to one that does', async () => {
    let answers = false;
    let calls = 0;
    const { transport } = await agencyThat(
      ({ say }) => {
        calls += 1;
        if (answers) say(GOOD);
      },
      { timeoutMs: 300 },
    );
    await Promise.all(Array.from({ length: 5 }, () => code(transport.call(request()))));
    expect(transport.health?.().state).toBe('OPEN');
    expect(await code(transport.call(request()))).toBe('SOURCE_UNAVAILABLE');
    expect(calls).toBe(5);
    answers = true;
    while ((await code(transport.call(request()))) !== 'ANSWERED') await settled(10);
    expect(transport.health?.()).toEqual({ state: 'CLOSED', failures: 0 });
  });

  it('refuses at once more calls than may wait', async () => {
    const { transport } = await agencyThat(() => undefined, { maxCalls: 10, timeoutMs: 60_000 });
    const waiting = Array.from({ length: 10 }, () => code(transport.call(request())));
    expect(await code(transport.call(request()))).toBe('SOURCE_UNAVAILABLE');
    await transport.close();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['SOURCE_UNAVAILABLE']));
  });

  it('mixes nothing up among a thousand calls at once', async () => {
    const { transport } = await agencyThat(({ variables, say }) => {
      const [representation] = variables['representations'] as { id: string }[];
      const answer = JSON.stringify({ data: { x: representation?.id } });
      setTimeout(() => say(answer), Math.random() * 20);
    });
    const subjects = Array.from({ length: 1000 }, (_, turn) => `${turn % 2 === 0 ? 'alice' : 'bob'}-${turn}`);
    const answers = await Promise.all(subjects.map((id) => transport.call(request({ variables: representing(id) }))));
    expect(answers.map(({ data }) => data?.['x'])).toEqual(subjects);
  });

  it('fails what is under way when it is closed, and nothing after', async () => {
    const { transport } = await agencyThat(() => undefined);
    const calls = Array.from({ length: 20 }, () => code(transport.call(request())));
    await settled(50);
    await transport.close();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['SOURCE_UNAVAILABLE']));
    expect(await code(transport.call(request()))).toBe('SOURCE_UNAVAILABLE');
  });

  it('goes on after a restart of the agency under load', async () => {
    const first = await fakeAgency(({ say }) => say(GOOD));
    const transport = way(scheme, first.port, { timeoutMs: 1000 });
    const found: string[] = [];
    const load = setInterval(() => void code(transport.call(request())).then((each) => found.push(each)), 5);
    try {
      await until(() => found.includes('ANSWERED'));
      await first.close();
      await until(() => found.at(-1) === 'SOURCE_UNAVAILABLE');
      const second = await fakeAgency(({ say }) => say(GOOD), first.port);
      closing.push(second.close);
      await until(() => found.at(-1) === 'ANSWERED');
    } finally {
      clearInterval(load);
    }
  });

  it('keeps one agency’s trouble from another', async () => {
    const bad = await agencyThat(({ dribble }) => dribble('x'.repeat(100_000), 0), { maxBytes: 1_000_000 });
    const good = await agencyThat(({ say }) => say(GOOD));
    const trouble = Array.from({ length: 20 }, () => code(bad.transport.call(request())));
    const answers = await Promise.all(Array.from({ length: 50 }, () => code(good.transport.call(request()))));
    expect(new Set(answers)).toEqual(new Set(['ANSWERED']));
    expect(new Set(await Promise.all(trouble))).toEqual(new Set(['SOURCE_UNAVAILABLE']));
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settled(10);
}

describe('the way to an agency by WebSocket alone', () => {
  const raw = async (babbling: string, more: Partial<HttpTransportOptions> = {}) => {
    const agency = await fakeAgency(({ variables, say, babble }) => (variables['odd'] === undefined ? say(GOOD) : babble(babbling)));
    closing.push(agency.close);
    return { agency, transport: way('ws', agency.port, more) };
  };

  it('carries many calls on one connection', async () => {
    const { agency, transport } = await raw('');
    await Promise.all(Array.from({ length: 100 }, () => transport.call(request())));
    expect(agency.connections()).toBe(1);
  });

  it.each([
    ['an answer to something never asked', '{"id":"999","type":"next","payload":{"data":{"x":2}}}'],
    ['an id that is none of ours', '{"id":"constructor","type":"next","payload":{"data":{"x":2}}}'],
    ['an id that is a number', '{"id":1,"type":"next","payload":{"data":{"x":2}}}'],
    ['an unknown type', '{"id":"{id}","type":"data","payload":{"data":{"x":2}}}'],
    ['a second acknowledgement', '{"type":"connection_ack"}'],
    ['a message of a client', '{"id":"{id}","type":"subscribe","payload":{"query":"{x}"}}'],
    ['garbage', '\u0000\u0001'],
    ['null', 'null'],
    ['an end without an answer', '{"id":"{id}","type":"complete"}'],
    ['an error without a reason', '{"id":"{id}","type":"error","payload":"x"}'],
  ])('fails a call for %s, and goes on', async (_name, babbling) => {
    const { transport } = await raw(babbling);
    expect(await code(transport.call(request({ variables: { odd: true } })))).toBe('SOURCE_UNAVAILABLE');
    while ((await code(transport.call(request()))) !== 'ANSWERED') await settled(10);
  });

  it('ends the connection of an agency that answers twice', async () => {
    const next = (x: number) => `{"id":"{id}","type":"next","payload":{"data":{"x":${x}}}}`;
    const agency = await fakeAgency(({ babble }) => {
      babble(next(1));
      babble(next(2));
    });
    closing.push(agency.close);
    expect(await code(way('ws', agency.port).call(request()))).toBe('SOURCE_UNAVAILABLE');
  });

  it('takes a late answer to a call given up for no answer to another', async () => {
    const late: Exchange[] = [];
    const agency = await fakeAgency((exchange) => (exchange.variables['late'] === undefined ? exchange.say(GOOD) : late.push(exchange)));
    closing.push(agency.close);
    const transport = way('ws', agency.port, { timeoutMs: 100 });
    expect(await code(transport.call(request({ variables: { late: true } })))).toBe('SOURCE_UNAVAILABLE');
    late[0]?.say('{"data":{"x":"late"}}');
    expect((await transport.call(request())).data).toEqual({ x: 1 });
    expect(agency.connections()).toBe(1);
  });
});
