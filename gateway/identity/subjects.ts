import { Schema, type Connection } from 'mongoose';
import { freshReads } from '../../store/freshRead.ts';
import type { SubjectStanding } from '../domain/consent.ts';
import type { RandomId } from '../domain/clock.ts';
import type { Nid } from './identityMethod.ts';
import { isDuplicate } from './replayCache.ts';
import type { Vault } from './vault.ts';

/** docs/contract.md §3. The national ID stands here only as keyed index and sealed value. */
interface StoredSubject {
  /** DataSubject.id. */
  readonly _id: string;
  readonly v: 1;
  readonly nidIndex: string;
  readonly nidSealed: string;
  readonly keyId: string;
  readonly state: SubjectStanding['state'];
}

const text = { type: String, required: true };

/**
 * Retention: as long as a consent or an audit entry of the subject is kept; a CLOSED subject keeps its document, so that its id never returns.
 * Migration: a document of another `v` is refused on read (`strict`), and is rewritten by a script that comes with the change.
 */
const subjectSchema = new Schema<StoredSubject>(
  {
    _id: text,
    v: { type: Number, required: true },
    nidIndex: { ...text, unique: true },
    nidSealed: text,
    keyId: { ...text, index: true },
    state: text,
  },
  { versionKey: false, strict: 'throw' },
);

export interface Subject extends SubjectStanding {
  readonly nid: Nid;
}

export interface Subjects {
  /** The subject's id; made at the first proof. Of several at once for one person, all get the same id. */
  enrol(nid: Nid): Promise<string>;
  /** The subject's id, or null before the first proof. */
  find(nid: Nid): Promise<string | null>;
  read(id: string): Promise<Subject | null>;
  /** False when there is no such subject. */
  setState(id: string, state: SubjectStanding['state']): Promise<boolean>;
  /** Seals every value again that is not under the current key; the number of them. */
  reseal(): Promise<number>;
}

/** Memory for subjects, where they may be held: about ten thousand. */
const HELD_BYTES = 8 * 1024 * 1024;

/**
 * As fresh as a consent. Where documents are held, this one is held sealed, and opened for each request (6 µs): a list of national IDs that
 * grows with the day's citizens is worth more to whoever can read this memory than that is to us.
 */
const readSubject = freshReads<StoredSubject, StoredSubject>((stored) => stored, HELD_BYTES);

/** The data subjects of this hub, on the `hub` connection. */
export async function openSubjects(connection: Connection, vault: Vault, randomId: RandomId): Promise<Subjects> {
  const Model = connection.model<StoredSubject>('Subject', subjectSchema, 'subjects');
  await Model.init();
  const indexOf = (nid: Nid): string => vault.index('nid', `${nid.kind}\0${nid.value}`);
  const find = async (nid: Nid): Promise<string | null> =>
    (await Model.findOne({ nidIndex: indexOf(nid) }, { _id: 1 }).lean())?._id ?? null;
  const sealedOf = (document: StoredSubject): string => vault.open(document._id, { sealed: document.nidSealed, keyId: document.keyId });

  return {
    find,
    async enrol(nid) {
      const known = await find(nid);
      if (known !== null) return known;
      const _id = randomId();
      const { sealed, keyId } = vault.seal(_id, `${nid.kind}:${nid.value}`);
      try {
        await Model.insertMany([{ _id, v: 1, nidIndex: indexOf(nid), nidSealed: sealed, keyId, state: 'ACTIVE' }]);
        return _id;
      } catch (error) {
        const other = isDuplicate(error) ? await find(nid) : null;
        if (other === null) throw error;
        return other;
      }
    },
    async read(id) {
      const document = await readSubject(Model, id);
      if (document === null) return null;
      const [kind, value] = sealedOf(document).split(':') as [Nid['kind'], string];
      return { state: document.state, nid: { kind, value } };
    },
    async setState(id, state) {
      return (await Model.updateOne({ _id: id }, { $set: { state } })).matchedCount === 1;
    },
    async reseal() {
      const old = await Model.find({ keyId: { $ne: vault.current } }).lean();
      for (const document of old) {
        const { sealed, keyId } = vault.seal(document._id, sealedOf(document));
        await Model.updateOne({ _id: document._id, keyId: document.keyId }, { $set: { nidSealed: sealed, keyId } });
      }
      return old.length;
    },
  };
}
