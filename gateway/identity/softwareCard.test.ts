import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { signChallenge as signInBrowser } from './assets/sign-challenge.js';
import { verifyCardProof } from './cardProof.ts';
import { createAuthority, issueCard, signCrl } from './certificateAuthority.ts';
import { parseSoftwareCard, signChallenge } from './softwareCard.ts';

const now = Date.UTC(2026, 0, 15);
const validity = { notBefore: new Date(now - 1000), notAfter: new Date(now + 86_400_000) };
const nid = { kind: 'NATIONAL_ID', value: 'A223456781' } as const;
const challenge = `${'A'.repeat(43)}@localhost:4000`;

const authority = await createAuthority('Test', randomBytes(16), validity);
const card = await issueCard(authority, { holder: 'persona.anna', name: 'Anna', nid }, validity, randomBytes);
const crl = await signCrl(authority, [], validity.notBefore, validity.notAfter);
const trust = [{ certificate: authority.certificate, readCrl: async () => crl }];
const verdict = (jws: string) => verifyCardProof(jws, { challenge, nid }, trust, now);

describe('a software card', () => {
  it('signs alike on the server, in the browser script and in the terminal', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'card-'));
    const file = join(folder, 'card.json');
    await writeFile(file, JSON.stringify(card));
    const run = promisify(execFile);
    const { stdout, stderr } = await run(process.execPath, [
      '--import',
      'tsx',
      'gateway/identity/cardMain.ts',
      'sign',
      '--card',
      file,
      '--challenge',
      challenge,
    ]);
    const signatures = [signChallenge(card, challenge), await signInBrowser(card, challenge), stdout];
    for (const jws of signatures) expect(await verdict(jws)).toEqual({ kind: 'PROVED' });
    expect(new Set(signatures.map((jws) => jws.slice(0, jws.lastIndexOf('.')))).size).toBe(1);
    expect(stderr).toContain('Signing a login to localhost:4000.');
    await expect(
      run(process.execPath, ['--import', 'tsx', 'gateway/identity/cardMain.ts', 'sign', '--card', file, '--challenge', 'x']),
    ).rejects.toMatchObject({ code: 2 });
    await rm(folder, { recursive: true });
  });

  it('is read from its own file form only', () => {
    expect(parseSoftwareCard(JSON.stringify(card))).toEqual(card);
    for (const text of ['', '{}', '[]', JSON.stringify({ ...card, v: 2 }), JSON.stringify({ ...card, key: { ...card.key, d: '' } })]) {
      expect(() => parseSoftwareCard(text)).toThrow(expect.objectContaining({ code: 'CARD_REJECTED' }));
    }
  });
});
