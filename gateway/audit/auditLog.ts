import type { Connection } from 'mongoose';
import { HubError } from '../../schema/errors.ts';
import type { AccessEntry, AccessPage, AuditBody, ConsentChange, RefusalEntry } from '../domain/auditEntry.ts';
import type { Clock, RandomId } from '../domain/clock.ts';
import { readAccess } from './accessView.ts';
import { changeKey, draftOf, NO_TAIL, pseudonymOf, subjectKey, type Batch } from './batch.ts';
import { batchModel, insertBatch, lastBatch } from './batchModel.ts';
import { foldRefusals } from './foldedRefusals.ts';
import { openGroupCommit } from './groupCommit.ts';
import { openHeadFile, type HeadFile, type HeadKey } from './headFile.ts';
import { keepHeads } from './headKeeper.ts';

export interface AuditLogOptions {
  /** The database `audit`. */
  readonly connection: Connection;
  readonly now: Clock;
  readonly randomId: RandomId;
  readonly randomBytes: (length: number) => Uint8Array;
  /** At least 32 bytes. Under another key the earlier entries of a subject are found no longer. */
  readonly pseudonymKey: Uint8Array;
  readonly headKey: HeadKey;
  /** Append-only file of signed heads, outside the store and of this process alone. */
  readonly headFile: string;
  /** No other process writes to this database (`Store.ownsAllWrites`). */
  readonly alone?: boolean;
  /** For the operator. Says nothing of a person; once per failure. */
  readonly alarm?: (sentence: string, cause?: unknown) => void;
  /** Most entries that wait for a write; more are refused. */
  readonly capacity?: number;
  /** Longest wait for one write, in milliseconds; after it the result counts as unknown. */
  readonly patience?: number;
}

/** The append-only log (docs/audit.md). What it cannot record must not happen: `append` first, then act. */
export interface AuditLog {
  /** Resolves when the entry is durable. Throws AUDIT_UNAVAILABLE when that is not known, or too many entries wait. */
  readonly append: (body: AuditBody) => Promise<void>;
  /** Written with the next batch, not awaited. */
  readonly note: (body: AuditBody) => void;
  /** Folds with the identical refusals of its minute; one entry is written when the minute is over, or when somebody looks. */
  readonly refuse: (body: RefusalEntry) => void;
  /** Appends a consent's event once, however often it is published. Throws AUDIT_UNAVAILABLE. */
  readonly publishConsentChange: (body: ConsentChange) => Promise<void>;
  /** What concerns a data subject (DataSubject.id), or one of her consents, newest first. Throws REQUEST_MALFORMED for a page that is none. */
  readonly forSubject: (subject: string, page: AccessPage) => Promise<AccessEntry[]>;
  /** Writes what is folded and waiting, and signs a head over it. Throws AUDIT_UNAVAILABLE. */
  readonly flush: () => Promise<void>;
  /** Takes no more; writes what waits, signs a last head. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the log: a shard of its own for this process start, which names the shard it follows. Throws AUDIT_UNAVAILABLE when its first entry
 * cannot be written, STORE_UNWRITABLE when the head file cannot.
 */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { connection, now, randomId, pseudonymKey, headKey, headFile, alarm = () => undefined } = options;
  if (pseudonymKey.length < 32) throw new HubError('CONFIGURATION', 'The pseudonym key has fewer than 32 bytes.');
  await batchModel(connection).init();
  const shard = randomId();
  const file = await openHeadFile(headFile, headKey, now, alarm);
  try {
    return await openShard(options, shard, file);
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

async function openShard(options: AuditLogOptions, shard: string, file: HeadFile): Promise<AuditLog> {
  const {
    connection,
    now,
    randomBytes,
    pseudonymKey,
    alone = false,
    alarm = () => undefined,
    capacity = 10_000,
    patience = 5000,
  } = options;
  const model = batchModel(connection);
  const heads = await keepHeads({ model, file, shard, now, others: !alone, alarm });
  const previous = await model
    .findOne({}, { shard: 1, seq: 1, head: 1 })
    .sort({ _id: -1 })
    .lean<Pick<Batch, 'shard' | 'seq' | 'head'> | null>();

  const commit = openGroupCommit({
    shard,
    tail: NO_TAIL,
    insert: (batch) => insertBatch(model, batch, patience),
    readLast: () => lastBatch(model, shard),
    now,
    randomBytes,
    committed: (end) => heads.grown(end),
    alarm,
    capacity,
    patience,
  });
  const draft = (body: AuditBody) => draftOf(body, pseudonymKey);
  const folded = foldRefusals(now, (body) => commit.note(draft(body)), capacity);
  const publishing = new Map<string, Promise<void>>();

  async function publishOnce(key: string, body: ConsentChange): Promise<void> {
    const known = await model.findOne({ keys: key }, { _id: 1 }).read('primary').readConcern('majority').lean();
    if (known === null) await commit.append(draft(body));
  }

  const tail = previous === null ? null : { seq: previous.seq, size: previous.head.size, hash: previous.head.hash };
  await commit.append(draft({ kind: 'SHARD_OPENED', request: shard, at: now(), subject: null, follows: previous?.shard ?? null, tail }));
  await heads.sign();

  return {
    append: (body) => commit.append(draft(body)),
    note: (body) => commit.note(draft(body)),
    refuse: (body) => folded.add(body),
    publishConsentChange(body) {
      const key = changeKey(body.consent, body.consentVersion);
      const known = publishing.get(key) ?? publishOnce(key, body).finally(() => publishing.delete(key));
      publishing.set(key, known);
      return known;
    },
    /** Folded refusals are written before they are read, so that a reader sees them at once and the list has one source. */
    async forSubject(subject, page) {
      const whose = page.consent === undefined ? { subject } : { subject, consent: page.consent };
      if (page.after === undefined && folded.take(whose) > 0) await commit.drained();
      return readAccess(model, subjectKey(pseudonymOf(pseudonymKey, subject)), page);
    },
    async flush() {
      folded.take();
      await commit.drained();
      await heads.sign();
    },
    async close() {
      folded.take();
      folded.close();
      await commit.close();
      await heads.close();
    },
  };
}
