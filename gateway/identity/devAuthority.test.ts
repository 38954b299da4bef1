import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAuthority, signCrl } from './certificateAuthority.ts';
import { verifyCardProof } from './cardProof.ts';
import { openDevAuthority } from './devAuthority.ts';
import { signChallenge } from './softwareCard.ts';
import { fileTrustList } from './trustList.ts';

const DAY = 86_400_000;
const nid = { kind: 'NATIONAL_ID', value: 'A223456781' } as const;
const anna = { holder: 'persona.anna', name: 'Anna', nid };
const challenge = 'Zm9v@localhost:4000';
let folder: string;
let now = Date.UTC(2026, 0, 15);
const open = () => openDevAuthority({ folder: join(folder, 'dev'), now: () => now, randomBytes });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authority-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the development authority', () => {
  it('is made once and opened again, and so are its cards', async () => {
    const card = await (await open()).issue(anna);
    const again = await open();
    expect(await again.issue(anna)).toEqual(card);
    expect(await again.listCards()).toEqual([card]);
    expect(await verifyCardProof(signChallenge(card, challenge), { challenge, nid }, again.trust, now)).toEqual({ kind: 'PROVED' });
  });

  it('writes files that only their owner reads, and no national ID', async () => {
    const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBe(4);
    for (const file of files) {
      expect((await stat(file)).mode & 0o077).toBe(0);
      expect(await readFile(file, 'latin1')).not.toContain(nid.value);
    }
  });

  it('keeps its revocation list fresh, years later', async () => {
    const authority = await open();
    const card = await authority.issue(anna);
    now += 3 * 365 * DAY;
    expect(await verifyCardProof(signChallenge(card, challenge), { challenge, nid }, authority.trust, now)).toEqual({ kind: 'PROVED' });
  });

  it('revokes a card for good, also after the list was renewed and the process restarted', async () => {
    const card = await (await open()).issue(anna);
    await (await open()).revoke(anna.holder);
    for (const wait of [0, 8 * DAY, 8 * DAY]) {
      now += wait;
      const verdict = await verifyCardProof(signChallenge(card, challenge), { challenge, nid }, (await open()).trust, now);
      expect(verdict).toMatchObject({ kind: 'REFUSED', reason: 'certificate: revoked' });
    }
    await expect((await open()).revoke('persona.nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('gives no card a name that leaves its folder', async () => {
    await expect((await open()).issue({ ...anna, holder: '../anna' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('issues a new card a month before the old one ends', async () => {
    const bob = { ...anna, holder: 'persona.bob' };
    const old = await (await open()).issue(bob);
    now += (5 * 365 - 29) * DAY;
    expect(await (await open()).issue(bob)).not.toEqual(old);
  });

  it('that is real has its lists read from a file, anew when the file changes', async () => {
    const real = await createAuthority(
      'Real',
      randomBytes(16),
      { notBefore: new Date(now - DAY), notAfter: new Date(now + DAY) },
      'Citizens',
    );
    const [pem, file] = [join(folder, 'real.pem'), join(folder, 'real.crl')];
    await writeFile(pem, real.certificate.toString('pem'));
    const lists = async (serials: readonly string[]) =>
      (await signCrl(real, serials, new Date(now - 1000), new Date(now + 1000))).toString('pem');
    await writeFile(file, await lists([]));
    const [authority] = await fileTrustList(pem, file);
    expect((await authority?.readCrl())?.entries).toHaveLength(0);
    await writeFile(file, `${await lists(['0a', '0b'])}\n`);
    expect((await authority?.readCrl())?.entries).toHaveLength(2);
    await writeFile(file, 'no list');
    expect(await authority?.readCrl()).toBeNull();
    await rm(file);
    await expect(authority?.readCrl()).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });

  it('is refused by production', async () => {
    const [pem, crl] = [join(folder, 'dev', 'card-authority.pem'), join(folder, 'dev', 'card-authority.crl')];
    await expect(fileTrustList(pem, crl)).rejects.toMatchObject({ code: 'CONFIGURATION', detail: expect.stringContaining('development') });
    await expect(fileTrustList(join(folder, 'none.pem'), crl)).rejects.toMatchObject({ code: 'CONFIGURATION' });
    await expect(fileTrustList(crl, crl)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      detail: expect.stringContaining('no certificate'),
    });
  });
});
