import { readFileSync } from 'node:fs';
import { HubError } from '../schema/errors.ts';

/** Mutual TLS between gateway and agency, as PEM: the pinned CA, one's own certificate and its key. */
export interface TlsFiles {
  readonly AGENCY_TLS_CA_FILE: string;
  readonly AGENCY_TLS_CERT_FILE: string;
  readonly AGENCY_TLS_KEY_FILE: string;
}

/** Reads the files that the settings name. Throws CONFIGURATION naming the one that cannot be read. */
export function readTls(files: TlsFiles): { readonly ca: string; readonly cert: string; readonly key: string } {
  return { ca: read(files.AGENCY_TLS_CA_FILE), cert: read(files.AGENCY_TLS_CERT_FILE), key: read(files.AGENCY_TLS_KEY_FILE) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HubError('CONFIGURATION', `Cannot read ${file}.`, { cause });
  }
}
