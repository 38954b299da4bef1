import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
  const complete = (folder: string) => ({
    PUBLIC_URL: 'https://mydata.example',
    DATA_DIR: folder,
    KEYS_FILE: join(folder, 'dev/keys.json'),
    CLIENTS_FILE: join(folder, 'clients.json'),
    TRUST_LIST_FILE: join(folder, 'dev/card-authority.pem'),
    CRL_FILE: join(folder, 'dev/card-authority.crl'),
    AUDIT_HEADS_FILE: join(folder, 'heads.jsonl'),
    AGENCY_URLS: JSON.stringify(
      Object.fromEntries(['moi', 'mohw', 'mol', 'mof', 'moe'].map((agency) => [agency, `https://${agency}.example:4443`])),
    ),
    AGENCY_TLS_CA_FILE: join(folder, 'ca.pem'),
    AGENCY_TLS_CERT_FILE: join(folder, 'cert.pem'),
    AGENCY_TLS_KEY_FILE: join(folder, 'key.pem'),
  });
  afterAll(cleanUp);

  it('names every variable that is missing', async () => {
    const { code, output } = await run(MAIN, ['--production'], { PORT: String(await freePort()) });
    expect(code).toBe(2);
    for (const name of ['PUBLIC_URL', 'KEYS_FILE', 'TRUST_LIST_FILE', 'CLIENTS_FILE', 'AGENCY_URLS'])
      expect(output).toContain(`${name}: missing`);
  });

  it('refuses an http URL', async () => {
    const { code, output } = await run(MAIN, ['--production'], {
      ...complete(dataFolder()),
      PUBLIC_URL: 'http://mydata.example',
      PORT: String(await freePort()),
    });
    expect({ code, output }).toMatchObject({ code: 2, output: expect.stringContaining('PUBLIC_URL') });
  });

  it('refuses development keys, whole or smuggled into a file of its own, and the development authority', async () => {
    const hub = await runHub();
    await hub.stop();
    const settings = { ...complete(hub.dataDir), PORT: String(await freePort()) };
    expect(await run(MAIN, ['--production'], settings)).toMatchObject({ code: 2, output: expect.stringContaining('development material') });

    const keys = JSON.parse(readFileSync(settings.KEYS_FILE, 'utf8')) as { hub: Record<string, unknown> };
    const smuggled = join(hub.dataDir, 'smuggled.json');
    writeFileSync(smuggled, JSON.stringify(keys.hub));
    expect(await run(MAIN, ['--production'], { ...settings, KEYS_FILE: smuggled })).toMatchObject({
      code: 2,
      output: expect.stringContaining('development key'),
    });

    const own = join(hub.dataDir, 'own.json');
    writeFileSync(own, JSON.stringify(keys.hub).replaceAll('"dev-', '"own-'));
    writeFileSync(settings.CLIENTS_FILE, '[]');
    expect(await run(MAIN, ['--production'], { ...settings, KEYS_FILE: own })).toMatchObject({
      code: 2,
      output: expect.stringContaining('development authority'),
    });
  }, 120_000);
});
