import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { importJWK, SignJWT, type JWK } from 'jose';
import type { Authorization } from '../../clients/sdk/relyingParty.ts';
import { DATASETS, OPERATION, SERVICE } from '../../clients/tuition-waiver/application.ts';
import { PEOPLE, type Person } from '../../gateway/people.ts';
import { launch, visit } from '../fixtures/chromium.ts';
import { proveByNumbers } from '../fixtures/citizenPages.ts';
import { describeWith } from '../fixtures/outsideTool.ts';
import type { Agreed, ClientTask, Seen, Withdrawn } from '../fixtures/productionClient.ts';
import { startProductionHub, type ProductionHub } from '../fixtures/productionHub.ts';
import { cleanUp } from '../fixtures/runHub.ts';

const root = resolve(import.meta.dirname, '../..');
const person = PEOPLE.find(({ id }) => id === 'persona.adult-student') as Person;
const REFUSED_FIELD = 'moi.household.personal:birthDate';

/** Without what every task has: the hub, the phone, the person and her card. */
type Part = ClientTask extends infer Task ? (Task extends unknown ? Omit<Task, 'hub' | 'smsUrl' | 'person' | 'card'> : never) : never;

describeWith('haproxy', 'the product in production: agencies apart, mutual TLS, a balancer in front, nothing of development', (haproxy) => {
  let hub: ProductionHub;
  let agreed: Agreed;
  let tasks = 0;

  /** A relying party's or citizen's task over https, in a process that trusts the test's CA. */
  async function client<Result>(part: Part): Promise<Result> {
    const { material, url, smsUrl } = hub;
    const file = material.file(`task-${++tasks}.json`);
    writeFileSync(file, JSON.stringify({ ...part, hub: url, smsUrl, person, card: material.card }));
    const env = { PATH: process.env['PATH'] ?? '', NODE_EXTRA_CA_CERTS: material.file('ca.pem') };
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/fixtures/productionClient.ts', file], { cwd: root, env });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0)
      throw new Error(`${part.kind} failed: ${errors}\n${[...hub.logs()].map(([name, log]) => `${name}: ${log}`).join('\n')}`);
    return JSON.parse(output) as Result;
  }

  /** A DPoP proof for the public endpoint (RFC 9449 §4.2), as the relying party's library makes it. */
  async function proofFor({ accessToken, dpop }: Authorization): Promise<string> {
    const { d: _secret, kty, crv, x, y } = dpop as JWK & { kty: string };
    const claims = {
      htm: 'POST',
      htu: `${hub.url}/graphql`,
      ath: createHash('sha256').update(accessToken).digest('base64url'),
      jti: randomUUID(),
    };
    const jwk = { kty, crv, x, y } as JWK;
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(await importJWK(dpop, 'ES256'));
  }

  /** One query at a gateway of the test's choice, past the balancer but with the public host. */
  async function askAt(port: number, proof?: string): Promise<{ status: number; body: string }> {
    const { authorization } = agreed;
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `DPoP ${authorization.accessToken}`,
        dpop: proof ?? (await proofFor(authorization)),
      },
      body: JSON.stringify({ query: OPERATION }),
    });
    return { status: response.status, body: await response.text() };
  }

  /** The first gateway and the last: two replicas where there are two. */
  const ends = (): [number, number] => [hub.gateways[0] ?? 0, hub.gateways.at(-1) ?? 0];

  /** A call to an agency, as anybody on its network can make it. */
  function callAgency(agency: string, options: RequestOptions): Promise<{ status: number; body: string }> {
    return new Promise((done, fail) => {
      const called = requestHttps(
        {
          host: '127.0.0.1',
          port: hub.agencies.get(agency),
          path: '/graphql',
          method: 'POST',
          servername: agency,
          agent: false,
          ...options,
        },
        (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => done({ status: response.statusCode ?? 0, body }));
        },
      );
      called.once('error', fail);
      called.setHeader('content-type', 'application/json');
      called.end(JSON.stringify({ query: '{ __typename }' }));
    });
  }

  beforeAll(async () => {
    hub = await startProductionHub(haproxy, person);
  }, 300_000);
  afterAll(async () => {
    await hub?.stop();
    await cleanUp();
  }, 30_000);

  const agree = (): Promise<Agreed> =>
    client({
      kind: 'AGREE',
      client: hub.material.studentAid,
      service: SERVICE,
      datasets: DATASETS,
      leave: [REFUSED_FIELD],
      operation: OPERATION,
    });

  it('walks the journey over https: pushed request, certificate, consent, and exactly the agreed fields', async () => {
    agreed = await agree();
    expect(agreed.authorization.agreed).toEqual({
      'mohw.low-income': ['category', 'certificateNumber', 'validFrom', 'validTo'],
      'moi.household.personal': ['name', 'nationalId'],
    });
    const { status, data, errors } = agreed.answer;
    expect({ status, data }).toEqual({
      status: 200,
      // The certificate of 2019 has ended, and in production a register's day is today: not held, which is no error.
      data: { me: { lowIncome: null, householdPersonal: { name: person.name['zh-TW'], nationalId: person.nationalId, birthDate: null } } },
    });
    expect(errors.map(({ path, extensions: { reason, fields } }) => ({ path, reason, fields }))).toEqual([
      { path: ['me', 'householdPersonal'], reason: 'NOT_CONSENTED', fields: ['birthDate'] },
    ]);
    expect(agreed.answer.extensions).toMatchObject({ datasets: { 'mohw.low-income': { state: 'NOT_HELD' } } });
  }, 60_000);

  it('takes a proof once, whichever gateway sees it', async () => {
    const [first, other] = ends();
    const proof = await proofFor(agreed.authorization);
    expect(await askAt(first, proof)).toMatchObject({ status: 200 });
    expect(await askAt(other, proof)).toMatchObject({ status: 401, body: expect.stringContaining('PROOF_REPLAYED') });
  });

  it('an agency that is down costs only its own fields, and answers again when it is back', async () => {
    const [port] = ends();
    const again = await hub.end('moi');
    const { status, body } = await askAt(port);
    expect({ status, answer: JSON.parse(body) }).toMatchObject({
      status: 200,
      answer: {
        data: { me: { householdPersonal: null } },
        errors: expect.arrayContaining([
          expect.objectContaining({
            extensions: expect.objectContaining({ reason: 'SOURCE_UNAVAILABLE', dataset: 'moi.household.personal' }),
          }),
        ]),
        extensions: { datasets: { 'mohw.low-income': { state: 'NOT_HELD' } } },
      },
    });
    await again?.();
    expect((await askAt(port)).body).toContain(person.name['zh-TW']);
  }, 60_000);

  it('without Valkey nobody knows whether a proof is new: nothing is answered, and all is again when it is back', async () => {
    const again = await hub.end('valkey');
    if (again === null) return;
    const [port] = ends();
    expect(await askAt(port)).toMatchObject({ status: 503, body: expect.stringContaining('UNAVAILABLE') });
    await again();
    let answered = await askAt(port);
    // Until the gateway has connected again.
    while (answered.status === 503) answered = await askAt(port);
    expect(answered.body).toContain(person.name['zh-TW']);
  }, 60_000);

  it('shows nothing of development, and the balancer asks browsers to stay on https', async () => {
    const paths = ['/', '/dev', '/dev/personas.json', '/dev/sms.json', '/dev/clients/student-aid.json', '/health', '/schema.graphql'];
    const seen = await client<readonly Seen[]>({ kind: 'LOOK', paths });
    expect(seen.map(({ path, status }) => [path, status])).toEqual(paths.map((path) => [path, path.startsWith('/dev') ? 404 : 200]));
    for (const { strictTransportSecurity, text } of seen) {
      expect(strictTransportSecurity).toBe('max-age=63072000; includeSubDomains');
      expect(text).not.toMatch(/class="demonstration"|href="\/dev|Demonstration:/);
    }
  });

  it('agencies talk to nobody without a certificate, and do nothing for anybody without a warrant', async () => {
    const { ca, cert, key } = hub.material.gatewayTls;
    for (const agency of hub.agencies.keys()) {
      await expect(callAgency(agency, { ca })).rejects.toMatchObject({ code: expect.stringMatching(/CERTIFICATE_REQUIRED|ECONNRESET/) });
      expect(await callAgency(agency, { ca, cert, key })).toMatchObject({ status: 401, body: expect.stringContaining('WARRANT_MISSING') });
    }
  });

  it('withdrawn means now: the citizen withdraws with her own token, and the next query is refused at every gateway', async () => {
    for (const port of hub.gateways) expect((await askAt(port)).body).toContain(person.name['zh-TW']);
    const { consent } = agreed.authorization;
    const { withdrawn, log } = await client<Withdrawn>({ kind: 'WITHDRAW', client: hub.material.citizenWeb, consent: consent ?? '' });
    expect(withdrawn.data).toEqual({ withdrawConsent: { state: 'WITHDRAWN' } });
    for (const port of hub.gateways) {
      const { status, body } = await askAt(port);
      expect({ status, answer: JSON.parse(body) }).toMatchObject({
        status: 200,
        answer: {
          data: { me: { lowIncome: null, householdPersonal: null } },
          errors: expect.arrayContaining([expect.objectContaining({ extensions: expect.objectContaining({ reason: 'WITHDRAWN' }) })]),
        },
      });
      expect(body).not.toContain(person.name['zh-TW']);
    }
    const kinds = log.data?.accessLog.entries.filter((entry) => entry.consent === consent).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['DISCLOSURE', 'CONSENT']));
  }, 60_000);

  describeWith('chromium', 'her own client, below /me', (chromium) => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await launch(chromium);
      ({ page } = await visit(browser, { language: 'en', anyCertificate: true }));
    });
    afterAll(() => browser.close());

    it('shows what she agreed to after she signed in, and what she withdraws there is refused everywhere', async () => {
      agreed = await agree();
      for (const port of hub.gateways) expect((await askAt(port)).body).toContain(person.name['zh-TW']);
      await page.goto(`${hub.url}/me/consents`);
      await page.click('a[href="/me/login?to=consents"]');
      await proveByNumbers(page, person, 'article[data-consent]');
      expect(new URL(page.url()).pathname).toBe('/me/consents');
      const card = page.locator(`article[data-consent="${agreed.authorization.consent}"]`);
      await card.locator('button.danger', { hasText: 'Withdraw' }).click();
      await card.locator('button.sure').click();
      await card.locator('.state.WITHDRAWN').waitFor();
      for (const port of hub.gateways) {
        const { body } = await askAt(port);
        expect(body).toContain('WITHDRAWN');
        expect(body).not.toContain(person.name['zh-TW']);
      }
    }, 60_000);

    it('keeps her signed in when a gateway is lost, and gives script no cookie to read', async () => {
      const again = await hub.end('gateway1');
      if (hub.gateways.length === 1) await again?.();
      // Until the balancer has seen that somebody is there.
      while (!(await page.goto(`${hub.url}/health`))?.ok()) await page.waitForTimeout(200);
      await page.goto(`${hub.url}/me/log`);
      await page.locator('article[data-kind="REFUSAL"]').first().waitFor();
      const cookies = await page.context().cookies();
      const session = cookies.find(({ name }) => name === '__Host-citizen');
      expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
      expect(session?.value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }, 60_000);

    it('forgets her when she signs out: the next person at this browser has to prove who he is', async () => {
      await page.click('header button:has-text("Sign out")');
      await page.click('button[name="logout"]');
      await page.goto(`${hub.url}/me`);
      await page.click('a[href^="/me/login"]');
      await page.waitForSelector('form[action$="/method"]');
    }, 60_000);
  });

  it('one address cannot begin logins without end', async () => {
    const seen = await client<readonly Seen[]>({ kind: 'LOOK', paths: Array.from({ length: 130 }, () => '/interaction/none') });
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([400, 429]));
    const [health] = await client<readonly Seen[]>({ kind: 'LOOK', paths: ['/health'] });
    expect(health).toMatchObject({ status: 200 });
  }, 60_000);

  it('no process printed a national ID, a phone number, a name or a token', () => {
    const logs = hub.logs();
    // What was refused above is there: these are the logs.
    for (const agency of hub.agencies.keys()) expect(logs.get(agency)).toContain('WARRANT_MISSING');
    const { accessToken, refreshToken } = agreed.authorization;
    const secrets = [
      ...PEOPLE.flatMap(({ nationalId, uiNumber, mobileNumber }) => [nationalId, uiNumber, mobileNumber]),
      person.name['zh-TW'],
    ];
    // A token's pieces, so that one cut short is found too.
    for (const token of [accessToken, refreshToken]) secrets.push(...(token ?? '').split('.').map((piece) => piece.slice(0, 32)));
    for (const [name, log] of logs)
      for (const secret of secrets.filter((one) => one !== null && one !== '')) expect(`${name}: ${log}`).not.toContain(secret);
    expect([...logs.values()].join('\n')).not.toMatch(/[?&](?:code|state|request_uri)=/);
  });
});
