/** What is wrong with a log, and where. */
export interface Finding {
  readonly kind:
    /** Not the form of a batch, or not its one canonical text. */
    | 'MALFORMED'
    | 'ALTERED'
    | 'REMOVED'
    | 'REORDERED'
    /** There is more than was written: a batch or an entry twice, or one that the heads signed later do not know. */
    | 'INSERTED'
    /** The end of a shard is missing. */
    | 'CUT_OFF'
    | 'MISSING_SHARD'
    /** A body is gone and no ERASURE entry says so. */
    | 'UNRECORDED_ERASURE'
    /** A line of the heads file does not hold. */
    | 'HEAD_INVALID';
  readonly shard?: string;
  readonly seq?: number;
  /** Index of an entry in its shard. */
  readonly index?: number;
  readonly detail: string;
}

/** A finding as one line for a person. */
export function sentenceOf({ kind, shard, seq, index, detail }: Finding): string {
  const place = [shard && `shard ${shard}`, seq !== undefined && `batch ${seq}`, index !== undefined && `entry ${index}`]
    .filter(Boolean)
    .join(', ');
  return [kind, place, detail].filter(Boolean).join(': ');
}
