import 'reflect-metadata';
import { webcrypto, type JsonWebKey } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { X509Certificate, X509Crl } from '@peculiar/x509';
import { HubError } from '../../schema/errors.ts';
import type { Clock } from '../domain/clock.ts';
import { createAuthority, issueCard, serialOfCard, signCrl, type CardHolder, type CertificateAuthority } from './certificateAuthority.ts';
import { parseSoftwareCard, type SoftwareCard } from './softwareCard.ts';
import type { TrustList } from './trustList.ts';

const DAY = 86_400_000;
const ES256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** The demonstration's certification authority. Production never opens one. */
export interface DevAuthority {
  /** It alone. */
  readonly trust: TrustList;
  /** The holder's card: the one on file while it has a month to run, else a new one, at `cards/<holder>.json`. */
  issue(holder: CardHolder): Promise<SoftwareCard>;
  /** Every card on file, for the page at /dev/cards. */
  listCards(): Promise<readonly SoftwareCard[]>;
  /** Puts a holder's card on the revocation list, for good. */
  revoke(holder: string): Promise<void>;
}

export interface DevAuthorityOptions {
  /** `<data folder>/dev`. Holds `card-authority.pem`, `.key.json`, `.crl` and `cards/`. */
  readonly folder: string;
  readonly now: Clock;
  readonly randomBytes: (size: number) => Buffer;
}

/** Opens the development authority, making it at the first start. Throws STORE_UNWRITABLE when the folder cannot be written. */
export async function openDevAuthority({ folder, now, randomBytes }: DevAuthorityOptions): Promise<DevAuthority> {
  const cards = join(folder, 'cards');
  const file = {
    certificate: join(folder, 'card-authority.pem'),
    key: join(folder, 'card-authority.key.json'),
    crl: join(folder, 'card-authority.crl'),
  };
  try {
    await mkdir(cards, { recursive: true, mode: 0o700 });
    if ((await read(file.key)) === null) await make();
  } catch (cause) {
    throw new HubError('STORE_UNWRITABLE', folder, { cause });
  }
  const authority = await open();

  async function make(): Promise<void> {
    const made = await createAuthority('Development citizen certificates', randomBytes(16), {
      notBefore: new Date(now() - DAY),
      notAfter: new Date(now() + 3650 * DAY),
    });
    await write(file.certificate, made.certificate.toString('pem'));
    await write(file.crl, (await signCrl(made, [], new Date(now()), new Date(now() + 7 * DAY))).toString('pem'));
    // The key last: with it the authority is complete.
    await write(file.key, JSON.stringify(await webcrypto.subtle.exportKey('jwk', made.keys.privateKey)));
  }

  async function open(): Promise<CertificateAuthority> {
    const certificate = new X509Certificate((await read(file.certificate)) ?? '');
    const jwk = JSON.parse((await read(file.key)) ?? '') as JsonWebKey;
    const privateKey = await webcrypto.subtle.importKey('jwk', jwk, ES256, false, ['sign']);
    return { certificate, keys: { privateKey, publicKey: await certificate.publicKey.export() } };
  }

  async function readCrl(): Promise<X509Crl> {
    const crl = new X509Crl((await read(file.crl)) ?? '');
    // A development authority has nobody who publishes its lists: renewed here, long before they are stale.
    return (crl.nextUpdate?.getTime() ?? 0) > now() + 6 * DAY ? crl : publish(crl.entries.map(({ serialNumber }) => serialNumber));
  }

  async function publish(serials: readonly string[]): Promise<X509Crl> {
    const crl = await signCrl(authority, serials, new Date(now()), new Date(now() + 7 * DAY));
    await write(file.crl, crl.toString('pem'));
    return crl;
  }

  async function cardOf(holder: string): Promise<SoftwareCard | null> {
    const text = await read(cardFile(holder));
    return text === null ? null : parseSoftwareCard(text);
  }

  function cardFile(holder: string): string {
    if (!/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(holder)) throw new HubError('NOT_FOUND', 'no such card');
    return join(cards, `${holder}.json`);
  }

  return {
    trust: [{ certificate: authority.certificate, readCrl }],
    async issue(holder) {
      const known = await cardOf(holder.holder);
      if (known !== null && new X509Certificate(known.certificate).notAfter.getTime() > now() + 30 * DAY) return known;
      const card = await issueCard(
        authority,
        holder,
        { notBefore: new Date(now() - DAY), notAfter: new Date(now() + 5 * 365 * DAY) },
        randomBytes,
      );
      await write(cardFile(holder.holder), `${JSON.stringify(card, null, 2)}\n`);
      return card;
    },
    async listCards() {
      const names = (await readdir(cards)).filter((name) => name.endsWith('.json')).sort();
      return Promise.all(names.map(async (name) => parseSoftwareCard(await readFile(join(cards, name), 'utf8'))));
    },
    async revoke(holder) {
      const card = await cardOf(holder);
      if (card === null) throw new HubError('NOT_FOUND', 'no such card');
      const serials = (await readCrl()).entries.map(({ serialNumber }) => serialNumber);
      await publish([...new Set([...serials, serialOfCard(card)])]);
    },
  };
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all. */
async function write(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, file);
}
