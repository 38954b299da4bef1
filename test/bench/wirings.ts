import type { Way } from './agencyTransports.ts';
import type { GatewayKind } from './gatewayProcess.ts';
import type { Credentials, Phase } from './phase.ts';

/** One row of the table. */
export interface WiringRow {
  /** As in the figures' JSON: `http.dpop`. */
  readonly id: string;
  readonly kind: GatewayKind;
  readonly way: Way;
  readonly credentials: Credentials;
  readonly load: Phase['load'];
  readonly title: string;
}

const ALL = 'consent, warrants, durable audit';

/** Measured in one run, with the same answers. */
export const WIRINGS: readonly WiringRow[] = [
  {
    id: 'http.dpop',
    kind: 'guarded',
    way: 'http',
    credentials: 'dpop',
    load: 'warm',
    title: `ours: token, a fresh proof each time, ${ALL}`,
  },
  { id: 'http.bearer', kind: 'bearer', way: 'http', credentials: 'bearer', load: 'warm', title: 'the same without the proof check' },
  {
    id: 'http.cold',
    kind: 'guarded',
    way: 'http',
    credentials: 'dpop',
    load: 'cold',
    title: 'ours, each time another citizen, token, key, proof, consent',
  },
  { id: 'http.unguarded', kind: 'unguarded', way: 'http', credentials: 'subject', load: 'warm', title: `ours without token, ${ALL}` },
  { id: 'http.stock', kind: 'stock', way: 'http', credentials: 'subject', load: 'warm', title: 'stock gateway' },
  {
    id: 'http.fanout',
    kind: 'fanout',
    way: 'http',
    credentials: 'dpop',
    load: 'warm',
    title: 'hand-written fan-out: token, proof, warrants sealed before',
  },
  { id: 'http.floor', kind: 'floor', way: 'http', credentials: 'subject', load: 'warm', title: 'floor: Node writing ready bytes' },
  {
    id: 'webSocket.dpop',
    kind: 'guarded',
    way: 'webSocket',
    credentials: 'dpop',
    load: 'warm',
    title: `ours: token, a fresh proof each time, ${ALL}`,
  },
  {
    id: 'webSocket.bearer',
    kind: 'bearer',
    way: 'webSocket',
    credentials: 'bearer',
    load: 'warm',
    title: 'the same without the proof check',
  },
  { id: 'webSocket.bare', kind: 'unguarded', way: 'webSocket', credentials: 'subject', load: 'warm', title: `ours without token, ${ALL}` },
  {
    id: 'inProcess.dpop',
    kind: 'guarded',
    way: 'inProcess',
    credentials: 'dpop',
    load: 'warm',
    title: `ours: token, a fresh proof each time, ${ALL}`,
  },
  {
    id: 'inProcess.bearer',
    kind: 'bearer',
    way: 'inProcess',
    credentials: 'bearer',
    load: 'warm',
    title: 'the same without the proof check',
  },
  {
    id: 'inProcess.stock',
    kind: 'stock',
    way: 'inProcess',
    credentials: 'subject',
    load: 'warm',
    title: 'stock gateway, LocalGraphQLDataSource',
  },
];

/** For the record, on MONGODB_URI. */
export const MONGO_WIRINGS: readonly WiringRow[] = WIRINGS.filter(({ id }) =>
  ['http.dpop', 'http.bearer', 'http.cold', 'webSocket.dpop'].includes(id),
);

/** Whether it answers under consent. */
export function isGuarded(kind: GatewayKind): boolean {
  return kind === 'guarded' || kind === 'bearer';
}
