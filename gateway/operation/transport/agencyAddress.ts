import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { HubError } from '../../../schema/errors.ts';
import { isLoopback } from '../../../schema/loopback.ts';

/** Mutual TLS: PEM texts. */
export interface AgencyTls {
  /** The pinned CA of the agencies' certificates; no other is trusted. */
  readonly ca: string;
  /** The gateway's own certificate and key. */
  readonly cert: string;
  readonly key: string;
}

export interface AgencyAddress {
  readonly agency: string;
  /** Its origin: `https://moi.example:4443` or `wss://moi.example:4443`; `http:` or `ws:` on the loopback, in the demonstration. */
  readonly url: URL;
  readonly tls?: AgencyTls;
}

/** What `tls.connect` is told. */
export type AgencyConnection = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'minVersion' | 'checkServerIdentity'>;

/**
 * How to connect to an agency: the TLS to use, null where none is. Outside the loopback it must be mutual TLS, the agency's id in its
 * certificate (a DNS name equal to it). Throws CONFIGURATION for any other address, and for one that is more than an origin.
 */
export function connectionOptions({ agency, url, tls }: AgencyAddress): AgencyConnection | null {
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new HubError('CONFIGURATION', `The URL of agency "${agency}" must be an origin alone.`);
  if ((url.protocol === 'http:' || url.protocol === 'ws:') && isLoopback(url.hostname)) return null;
  if ((url.protocol !== 'https:' && url.protocol !== 'wss:') || tls === undefined) {
    throw new HubError(
      'CONFIGURATION',
      `Agency "${agency}" is outside the loopback: it needs https or wss with mutual TLS (docs/agency.md).`,
    );
  }
  return {
    ...tls,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    checkServerIdentity: (_host, certificate) => checkServerIdentity(agency, certificate),
  };
}
