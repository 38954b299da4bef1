/** Who sends one request: a relying party with a citizen's consent, or a citizen in the hub's own client. Made by `identity` from the access token. */
export interface Caller {
  /** A relying party reads datasets under its consent; a citizen (a first-party client) reads and changes her own consents, never a dataset. */
  readonly kind: 'RELYING_PARTY' | 'CITIZEN';
  /** The OAuth client id. */
  readonly client: string;
  /** DataSubject.id of the person whose records are asked for. Never shown to a client. */
  readonly subject: string;
  /** Consent named by the token; null for a citizen. */
  readonly consent: string | null;
  /** Opaque id of the token's grant: a part of a *use* (docs/contract.md §3). */
  readonly grant: string;
  /** `urn:mydata:acr:<identity method>`. Opens nothing alone. */
  readonly acr: string;
  /** When identity was proved, in seconds since the epoch. */
  readonly authTime: number;
}
