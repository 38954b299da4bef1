import 'reflect-metadata';
import { readFile, stat } from 'node:fs/promises';
import { PemConverter, X509Certificate, X509Crl } from '@peculiar/x509';
import { HubError } from '../../schema/errors.ts';

/** A certification authority whose certificates are accepted. */
export interface TrustedAuthority {
  readonly certificate: X509Certificate;
  /** The authority's latest revocation list; null when there is none, and then no certificate of its passes. */
  readCrl(): Promise<X509Crl | null>;
}

export type TrustList = readonly TrustedAuthority[];

/** Organisational unit of every development certificate; production refuses it. */
export const DEVELOPMENT_UNIT = 'DEVELOPMENT ONLY';

/** Whether a certificate is development material. */
export function isDevelopment(certificate: X509Certificate): boolean {
  return [...certificate.subjectName.getField('OU'), ...certificate.issuerName.getField('OU')].includes(DEVELOPMENT_UNIT);
}

/**
 * Production's trust list: a PEM file of authorities, and a PEM file of their revocation lists, which is read again at each login, so that
 * whoever fetches the lists only replaces the file. Throws CONFIGURATION when a file cannot be read, holds no authority or development material.
 */
export async function fileTrustList(authoritiesFile: string, crlFile: string): Promise<TrustList> {
  const certificates = await decodeFile(authoritiesFile, PemConverter.CertificateTag, (der) => new X509Certificate(der));
  if (certificates.length === 0) throw new HubError('CONFIGURATION', `${authoritiesFile} holds no certificate.`);
  if (certificates.some(isDevelopment)) throw new HubError('CONFIGURATION', `${authoritiesFile} holds a development authority.`);
  const readLists = listReader(crlFile);
  await readLists();
  return certificates.map((certificate) => ({
    certificate,
    async readCrl() {
      const own = (await readLists()).filter(({ issuer }) => issuer === certificate.subject);
      return own.sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())[0] ?? null;
    },
  }));
}

/** Reads a file of revocation lists, anew only when it has changed: real lists are long. */
function listReader(file: string): () => Promise<readonly X509Crl[]> {
  let read: { readonly mark: string; readonly lists: readonly X509Crl[] } | null = null;
  return async () => {
    const { mtimeMs = 0, size = -1 } = await stat(file).catch(() => ({ mtimeMs: undefined, size: undefined }));
    const mark = `${mtimeMs}.${size}`;
    if (read?.mark !== mark) read = { mark, lists: await decodeFile(file, PemConverter.CrlTag, (der) => new X509Crl(der)) };
    return read.lists;
  };
}

async function decodeFile<T>(file: string, tag: string, parse: (der: ArrayBuffer) => T): Promise<readonly T[]> {
  try {
    return PemConverter.decodeWithHeaders(await readFile(file, 'utf8'))
      .filter(({ type }) => type === tag)
      .map(({ rawData }) => parse(rawData));
  } catch (cause) {
    throw new HubError('CONFIGURATION', `Cannot read the PEM file ${file}.`, { cause });
  }
}
