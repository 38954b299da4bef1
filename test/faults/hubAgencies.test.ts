import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agree, ask, citizen, signIn, WAIVER_QUERY, type Given, type Received } from '../fixtures/hubClient.ts';
import { cleanUp, dataFolder, freePort, run, runAgencyAlone, runHub, type RunningHub, type RunningProcess } from '../fixtures/runHub.ts';

/** Its file of the embedded store belongs to one process at a time. */
const embedded = process.env['MONGODB_URI'] === undefined;

type Agency = RunningProcess & { readonly url: string };

let hub: RunningHub;
let moi: Agency;
let mohw: Agency;
let given: Given;
let own: Given;
const ports: Record<string, number> = {};

/** As the README says: an agency alone on the same data folder, and a hub that is told where it is. */
beforeAll(async () => {
  const dataDir = dataFolder();
  ports['moi'] = await freePort();
  moi = await runAgencyAlone('moi', dataDir, ports['moi']);
  ports['mohw'] = await freePort();
  mohw = await runAgencyAlone('mohw', dataDir, ports['mohw']);
  hub = await runHub({ dataDir, env: { AGENCY_URLS: JSON.stringify({ moi: moi.url, mohw: mohw.url }) } });
  const she = await citizen(hub, 'adult-student');
  given = await agree(hub, she);
  own = await signIn(hub, she);
}, 180_000);
afterAll(async () => {
  await hub.stop();
  await Promise.all([moi.stop(), mohw.stop()]);
  for (const { output } of [hub, moi, mohw]) expect(output()).not.toMatch(/T299999139|0900000013|LI-108/);
  await cleanUp();
});

const query = (): Promise<Received> => ask(hub, given.authorization, { body: { query: WAIVER_QUERY } });
const low = { category: 'LOW_INCOME', certificateNumber: 'LI-108-009913', validFrom: '2019-12-10', validTo: '2020-12-31' };
const personal = { name: '周示晴', nationalId: 'T299999139', birthDate: '1992-09-17' };

describe('agencies in processes of their own', () => {
  it('say how the hub is told of them', () => {
    expect(moi.output()).toContain(`AGENCY_URLS='{"moi":"${moi.url}"}'`);
  });

  it('answer the hub as they do in one process', async () => {
    const { body } = await query();
    expect(body.errors).toBeUndefined();
    expect(body.data).toEqual({ me: { lowIncome: low, householdPersonal: personal } });
    expect(body.extensions).toMatchObject({
      datasets: { 'mohw.low-income': { state: 'AVAILABLE' }, 'moi.household.personal': { state: 'AVAILABLE' } },
    });
  });

  it('answer the checks of a login', async () => {
    const student = await agree(hub, await citizen(hub, 'low-income-student'));
    expect((await ask(hub, student.authorization, { body: { query: '{ me { lowIncome { category } } }' } })).body.data).toEqual({
      me: { lowIncome: { category: 'LOW_INCOME' } },
    });
  });

  it('answer nobody without a warrant, wherever they ask', async () => {
    const body = JSON.stringify({ query: '{ _service { sdl } }' });
    const entities = JSON.stringify({
      query: 'query($representations:[_Any!]!){_entities(representations:$representations){...on DataSubject{id householdPersonal{name}}}}',
      variables: { representations: [{ __typename: 'DataSubject', id: 'a' }] },
    });
    const check = JSON.stringify({ predicate: 'household-number', arguments: { value: 'F9999913' } });
    const json = { 'content-type': 'application/json' };
    const forged = { ...json, warrant: 'eyJhbGciOiJkaXIifQ..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA', 'x-request-id': 'abc' };
    const calls: [string, RequestInit][] = [
      ['/graphql', { method: 'POST', headers: json, body }],
      ['/graphql', { method: 'POST', headers: json, body: entities }],
      ['/graphql', { method: 'POST', headers: { ...json, authorization: `DPoP ${given.authorization.accessToken}` }, body: entities }],
      ['/graphql', { method: 'POST', headers: forged, body: entities }],
      ['/graphql?query=%7B__typename%7D', { method: 'GET' }],
      ['/check', { method: 'POST', headers: json, body: check }],
      ['/check', { method: 'POST', headers: forged, body: check }],
      ['/', {}],
      ['/health', {}],
      ['/nothing', {}],
    ];
    for (const [path, init] of calls) {
      const response = await fetch(new URL(path, moi.url), init);
      const text = await response.text();
      expect([path, response.status]).toEqual([path, 401]);
      const { errors, ...rest } = JSON.parse(text) as { errors: { extensions: { code: string } }[] };
      expect(errors.map(({ extensions }) => extensions.code)).toEqual([expect.stringMatching(/^WARRANT_/)]);
      expect(rest).toEqual({});
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('an agency that is killed', () => {
  it('costs its own fields alone, and only until it is back', async () => {
    await moi.stop('SIGKILL');
    for (let i = 0; i < 3; i++) {
      const { status, body } = await query();
      expect(status).toBe(200);
      expect(body.data).toEqual({ me: { lowIncome: low, householdPersonal: null } });
      expect(body.errors).toMatchObject([
        {
          path: ['me', 'householdPersonal'],
          extensions: {
            code: 'SOURCE_UNAVAILABLE',
            reason: 'SOURCE_UNAVAILABLE',
            dataset: 'moi.household.personal',
            fields: ['birthDate', 'name', 'nationalId'],
          },
        },
      ]);
      expect(JSON.stringify(body)).not.toMatch(/ECONN|127\.0\.0\.1/);
    }

    const refuseAll = await ask(hub, given.authorization, { body: { query: WAIVER_QUERY, extensions: { refuse: 'all' } } });
    expect(refuseAll.status).toBe(503);
    expect(refuseAll.body.data).toBeUndefined();

    moi = await runAgencyAlone('moi', hub.dataDir, ports['moi'] ?? 0);
    const again = await query();
    expect(again.body.errors).toBeUndefined();
    expect(again.body.data).toEqual({ me: { lowIncome: low, householdPersonal: personal } });

    const log = await ask(hub, own.authorization, {
      body: { query: '{ accessLog(first: 10, kinds: [DISCLOSURE]) { entries { failedAgencies counts { dataset records } } } }' },
    });
    const { entries } = (log.body.data as { accessLog: { entries: { failedAgencies: string[] }[] } }).accessLog;
    expect(entries.slice(0, 5).map(({ failedAgencies }) => failedAgencies)).toEqual([[], ['moi'], ['moi'], ['moi'], ['moi']]);
  }, 60_000);

  it('lets nobody log in by what only it can check, and says that it is we who cannot', async () => {
    await mohw.stop('SIGKILL');
    const student = await citizen(hub, 'low-income-student');
    await expect(agree(hub, student)).rejects.toThrow(/Try again|cannot answer|unavailable/i);
    // A card needs no register.
    const { body } = await query();
    expect(body.data).toEqual({ me: { lowIncome: null, householdPersonal: personal } });
    mohw = await runAgencyAlone('mohw', hub.dataDir, ports['mohw'] ?? 0);
    expect((await agree(hub, await citizen(hub, 'low-income-student'))).authorization.consent).toBeTruthy();
  }, 60_000);
});

describe('an agency that cannot start', () => {
  (embedded ? it : it.skip)(
    'says whose its register is, while a hub holds it',
    async () => {
      const other = await runHub();
      const { code, output } = await run('dist/gateway/main.js', ['--agency', 'moi', '--port', String(await freePort())], {
        DATA_DIR: other.dataDir,
      });
      await other.stop();
      expect(code).toBe(2);
      expect(output).toContain('STORE_LOCKED');
      expect(output).toContain(String(other.pid));
      expect(output).not.toMatch(/\n\s+at /);
    },
    60_000,
  );

  it('says that its port is taken, and so does a hub that is told of an agency that is none', async () => {
    const taken = await run('dist/gateway/main.js', ['--agency', 'mof', '--port', String(ports['moi'])], { DATA_DIR: dataFolder() });
    expect(taken).toMatchObject({ code: 2, output: expect.stringContaining('PORT_IN_USE') });
    const port = String(await freePort());
    const unknown = await run('dist/gateway/main.js', [], {
      PORT: port,
      DATA_DIR: dataFolder(),
      AGENCY_URLS: '{"fbi":"http://127.0.0.1:1"}',
    });
    expect(unknown).toMatchObject({ code: 2, output: expect.stringContaining('fbi') });
    const far = await run('dist/gateway/main.js', [], {
      PORT: port,
      DATA_DIR: dataFolder(),
      AGENCY_URLS: '{"moi":"http://agency.example"}',
    });
    expect(far).toMatchObject({ code: 2, output: expect.stringContaining('mutual TLS') });
    for (const { output } of [taken, unknown, far]) expect(output).not.toMatch(/\n\s+at /);
  }, 60_000);
});
