/** How a wiring knows who asks: a token with a proof on each request, a token with a proof on its first one, or the bench's own header. */
export type Credentials = 'dpop' | 'bearer' | 'subject';

/** One load on one gateway. */
export interface Phase {
  /** The gateway, by a name of its own. */
  readonly gateway: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** Whether it answers under consent, and says where each dataset stands. */
  readonly guarded: boolean;
  /**
   * What is asked by whom: people.ts. `withdrawing`: every second request is of the citizen `withdraws`. `spared`: what is asked leaves out the
   * agency that misbehaves in an attack.
   */
  readonly load: 'warm' | 'cold' | 'mixed' | 'withdrawing' | 'spared';
  readonly withdraws?: number;
  /** The first of the citizens who come once. */
  readonly from?: number;
  readonly seconds: number;
  /** Requests in flight; with `perSecond`, connections at most. */
  readonly concurrency: number;
  /** Requests arrive at this rate, whatever the answers do; latency counts from when each was due. Without it, each follows its answer. */
  readonly perSecond?: number;
  /** Requests at most: what they need is made beforehand, and the load ends when it is used up. */
  readonly most: number;
}

export interface PhaseResult {
  readonly answers: number;
  /** Answers that released something. */
  readonly disclosures: number;
  /** Answers that refused everything. */
  readonly refusals: number;
  readonly seconds: number;
  /** Of each answer, milliseconds. */
  readonly latencies: readonly number[];
}
