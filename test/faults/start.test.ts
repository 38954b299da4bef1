import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PEOPLE, type Person } from '../../gateway/people.ts';
import { AGENCIES } from '../../subgraphs/agencies.ts';
import { makeProductionMaterial, type ProductionMaterial } from '../fixtures/productionMaterial.ts';
import { build, cleanUp, dataFolder, freePort, run, runHub } from '../fixtures/runHub.ts';

const MAIN = 'dist/gateway/main.js';
const NO_STACK = /\n\s+at /;

describe('a hub that cannot start says why, and where, without a stack', () => {
  beforeAll(build, 120_000);
  afterAll(cleanUp);

  it('port in use', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const { code, output } = await run(MAIN, [], { PORT: String(port), DATA_DIR: dataFolder() });
    server.close();
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining(`PORT_IN_USE`) });
    expect(output).toContain(String(port));
    expect(output).not.toMatch(NO_STACK);
  });

  it('a data folder that cannot be written', async () => {
    const file = join(dataFolder(), 'a-file');
    writeFileSync(file, '');
    const { code, output } = await run(MAIN, [], { PORT: String(await freePort()), DATA_DIR: join(file, 'data') });
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining('STORE_UNWRITABLE') });
    expect(output).not.toMatch(NO_STACK);
  });

  it('a data folder that another hub has open: its pid', async () => {
    const hub = await runHub();
    const { code, output } = await run(MAIN, [], { PORT: String(await freePort()), DATA_DIR: hub.dataDir });
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining('STORE_LOCKED') });
    expect(output).toContain(String(hub.pid));
    expect(await fetch(`${hub.url}/health`).then(({ ok }) => ok)).toBe(true);
    await hub.stop();
  }, 120_000);

  it('a store file that is damaged: which, and nothing of it is overwritten', async () => {
    const hub = await runHub();
    await hub.stop();
    const file = join(hub.dataDir, 'hub.db');
    writeFileSync(file, 'this is no database, and it is somebody’s only copy'.repeat(100));
    const { code, output } = await run(MAIN, [], { PORT: String(await freePort()), DATA_DIR: hub.dataDir });
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining('STORE_CORRUPT') });
    expect(output).toContain('hub.db');
    expect(output).not.toMatch(NO_STACK);
  }, 120_000);

  it('an unknown argument, a wrong variable, an unknown agency', async () => {
    expect(await run(MAIN, ['--gateway'])).toMatchObject({ code: 2, output: expect.stringContaining('--help') });
    expect(await run(MAIN, [], { PORT: 'ninety', DATA_DIR: dataFolder() })).toMatchObject({
      code: 2,
      output: expect.stringContaining('PORT'),
    });
    expect(await run(MAIN, [], { HOST: '0.0.0.0', DATA_DIR: dataFolder() })).toMatchObject({
      code: 2,
      output: expect.stringContaining('HOST'),
    });
    const port = String(await freePort());
    expect(await run(MAIN, ['--agency', 'fbi', '--port', port], { DATA_DIR: dataFolder() })).toMatchObject({
      code: 2,
      output: expect.stringContaining('moi'),
    });
  }, 120_000);

  it('--help prints the usage', async () => {
    expect(await run(MAIN, ['--help'])).toMatchObject({ code: 0, output: expect.stringContaining('--agency') });
  });
});

describe('production', () => {
  const person = PEOPLE.find(({ id }) => id === 'persona.adult-student') as Person;
  let material: ProductionMaterial;
  let complete: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const folder = dataFolder();
    material = await makeProductionMaterial(join(folder, 'material'), 'https://mydata.example', person);
    const { file } = material;
    complete = {
      PORT: String(await freePort()),
      PUBLIC_URL: 'https://mydata.example',
      DATA_DIR: join(folder, 'data'),
      KEYS_FILE: file('hub-keys.json'),
      CLIENTS_FILE: file('clients.json'),
      CITIZEN_KEY_FILE: file('citizen-key.json'),
      TRUST_LIST_FILE: file('trust-list.pem'),
      CRL_FILE: file('crl.pem'),
      AUDIT_HEADS_FILE: join(folder, 'heads.jsonl'),
      AGENCY_URLS: JSON.stringify(Object.fromEntries(AGENCIES.map((agency) => [agency, `https://${agency}.example:4443`]))),
      AGENCY_TLS_CA_FILE: file('ca.pem'),
      AGENCY_TLS_CERT_FILE: file('gateway-cert.pem'),
      AGENCY_TLS_KEY_FILE: file('gateway-key.pem'),
    };
  }, 120_000);
  afterAll(cleanUp);

  /** What a start says that differs from a complete one in these settings. */
  async function said(settings: Readonly<Record<string, string>>): Promise<string> {
    const { code, output } = await run(MAIN, ['--production'], { ...complete, ...settings });
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining('CONFIGURATION') });
    expect(output).not.toMatch(NO_STACK);
    return output;
  }
  /** A changed copy of one of the files. */
  function changed(name: string, change: (text: string) => string): string {
    const file = material.file(`changed-${randomUUID()}-${name}`);
    writeFileSync(file, change(readFileSync(material.file(name), 'utf8')));
    return file;
  }

  it('starts without its agencies and without Valkey, and says so at /health as little as it must', async () => {
    const hub = await runHub({
      args: ['--production'],
      env: { ...complete, VALKEY_URL: 'redis://127.0.0.1:1' },
      port: Number(complete['PORT']),
    });
    expect(await (await fetch(`${hub.url}/health`)).json()).toEqual({ status: 'ok' });
    await hub.stop();
  }, 60_000);

  it('says quickly that MongoDB does not answer, and nothing of the password in its URI', async () => {
    const uri = 'mongodb://hub:a-secret-password@127.0.0.1:1/';
    const { code, output } = await run(MAIN, ['--production'], { ...complete, MONGODB_URI: uri });
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining('STORE_UNREACHABLE') });
    expect(output).toContain('127.0.0.1:1');
    expect(output).not.toContain('secret');
    const malformed = await run(MAIN, ['--production'], { ...complete, MONGODB_URI: uri.replace('mongodb://', 'mongo//') });
    expect(malformed).toMatchObject({ code: 2, output: expect.stringContaining('MONGODB_URI') });
    expect(malformed.output).not.toContain('secret');
    for (const { output: text } of [{ output }, malformed]) expect(text).not.toMatch(NO_STACK);
  }, 60_000);

  it('names every variable that is missing', async () => {
    const { code, output } = await run(MAIN, ['--production'], { PORT: String(await freePort()) });
    expect(code).toBe(2);
    for (const name of ['PUBLIC_URL', 'KEYS_FILE', 'TRUST_LIST_FILE', 'CLIENTS_FILE', 'CITIZEN_KEY_FILE', 'AGENCY_URLS'])
      expect(output).toContain(`${name}: missing`);
  });

  it('refuses an http URL', async () => {
    expect(await said({ PUBLIC_URL: 'http://mydata.example' })).toContain('PUBLIC_URL');
  });

  it('refuses development keys and the development authority', async () => {
    const hub = await runHub();
    await hub.stop();
    expect(await said({ KEYS_FILE: join(hub.dataDir, 'dev/keys.json') })).toContain('development material');
    expect(await said({ TRUST_LIST_FILE: join(hub.dataDir, 'dev/card-authority.pem') })).toContain('development authority');
  }, 120_000);

  it('refuses a registration under which no citizen could sign in at /me, and says what it lacks', async () => {
    const other = changed('clients.json', (text) => text.replaceAll('citizen-web', 'other-web'));
    expect(await said({ CLIENTS_FILE: other })).toContain('"citizen-web" is missing');
  }, 120_000);

  it('refuses a client that the profile does not allow, before its first request does', async () => {
    const twoHosts = changed('clients.json', (text) =>
      text.replace('"https://student-aid.example/terminal"', '"https://student-aid.example/back","https://elsewhere.example/back"'),
    );
    expect(await said({ CLIENTS_FILE: twoHosts })).toContain('Client student-aid:');
  }, 120_000);
});
