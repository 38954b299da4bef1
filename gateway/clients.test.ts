import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { checkCitizenClient, readClients } from './clients.ts';
import { citizenKey, developmentKeys, hubKeys } from './keyRing.ts';

const folder = mkdtempSync(join(tmpdir(), 'clients-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PUBLIC_URL = new URL('https://mydata.example');
const key = { kty: 'EC', crv: 'P-256', x: 'an-x', y: 'a-y', d: 'a-d', kid: 'citizen-2026' } as const;
const { d: _secret, ...publicHalf } = key;
const citizen = {
  client_id: 'citizen-web',
  name: 'MyData',
  scope: 'openid hub',
  redirect_uris: ['https://mydata.example/me/callback'],
  jwks: { keys: [publicHalf] },
};

let files = 0;
function file(content: unknown): string {
  const name = join(folder, `${++files}.json`);
  writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

describe('the registered clients of production', () => {
  it('are read from their file', () => {
    expect(readClients(file([citizen]))).toEqual([citizen]);
  });

  it.each([
    ['no JSON', 'nothing', 'cannot be read as JSON'],
    ['an unknown member', [{ ...citizen, secret: 'x' }], 'wrong at 0'],
    ['a private key', [{ ...citizen, jwks: { keys: [key] } }], 'wrong at 0.jwks.keys.0'],
    ['a development key', [{ ...citizen, jwks: { keys: [{ ...publicHalf, kid: 'dev-web' }] } }], 'development key'],
    ['a redirect that is not https', [{ ...citizen, redirect_uris: ['http://mydata.example/me/callback'] }], 'not https'],
  ])('are refused with %s, and no value is quoted', (_what, content, sentence) => {
    const read = (): unknown => readClients(file(content));
    expect(read).toThrow(sentence);
    expect(read).not.toThrow('a-d');
  });

  it.each([
    ['is missing', []],
    ['needs the scope "openid hub"', [{ ...citizen, scope: 'openid' }]],
    ['needs the redirect URI https://mydata.example/me/callback', [{ ...citizen, redirect_uris: ['https://mydata.example/back'] }]],
    ['has not the public half of CITIZEN_KEY_FILE', [{ ...citizen, jwks: { keys: [{ ...publicHalf, x: 'another' }] } }]],
  ])('let no citizen sign in when the hub’s own %s', (sentence, clients) => {
    expect(() => checkCitizenClient(clients, 'clients.json', PUBLIC_URL, key)).toThrow(sentence);
    expect(() => checkCitizenClient([citizen], 'clients.json', PUBLIC_URL, key)).not.toThrow();
  });
});

describe('the key files of production', () => {
  const development = developmentKeys(join(folder, 'dev', 'keys.json'), ['moi'], ['citizen-web']);

  it('hold nothing of development, whole or smuggled into a file of its own', () => {
    for (const read of [hubKeys, citizenKey]) expect(() => read(join(folder, 'dev', 'keys.json'))).toThrow('development material');
    expect(() => hubKeys(file(development.hub))).toThrow('development key');
    expect(() => citizenKey(file(development.clients['citizen-web']))).toThrow('development key');
  });

  it('are named when they cannot be read, by place and never by value', () => {
    expect(() => citizenKey(join(folder, 'none.json'))).toThrow('none.json');
    expect(() => citizenKey(file('{'))).toThrow('not JSON');
    expect(() => citizenKey(file({ ...key, crv: 'P-521' }))).toThrow('wrong at crv');
    expect(citizenKey(file(key))).toEqual(key);
  });
});
