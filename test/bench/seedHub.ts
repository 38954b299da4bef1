import type { Connection } from 'mongoose';
import { consentModel, toStored } from '../../gateway/consent/consentModel.ts';
import type { Vault } from '../../gateway/identity/vault.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import { activeConsent, type Agreed } from './benchConsent.ts';
import { benchCitizen } from './citizens.ts';
import { permittedBy } from './mix.ts';
import { fieldsOf, QUESTION } from './question.ts';

export interface Seed extends Agreed {
  /** The database `hub`, with its rooms opened. */
  readonly connection: Connection;
  readonly vault: Vault;
  readonly citizens: number;
  /** Consents of people who never ask. */
  readonly strangers: number;
}

const AT_ONCE = 2000;
/** What a stranger has consented to: less than the bench's citizens, as most consents do. */
const A_FEW = fieldsOf(QUESTION.slice(0, 2));

const batches = (from: number, to: number): number[][] =>
  Array.from({ length: Math.ceil((to - from) / AT_ONCE) }, (_, batch) => {
    const first = from + batch * AT_ONCE;
    return Array.from({ length: Math.min(AT_ONCE, to - first) }, (_none, index) => first + index);
  });

/** Writes the citizens and their consents in bulk, in the very form in which the rooms keep them. */
export async function seedHub({ connection, vault, citizens, strangers, ...agreed }: Seed): Promise<void> {
  const consents = consentModel(connection).collection;
  const subjects = connection.model('Subject').collection;
  const stored = (number: number, permitted: FieldSet) => ({ ...toStored(activeConsent(number, permitted, agreed)), uses: [] });
  for (const numbers of batches(0, citizens)) {
    const people = numbers.map((number) => {
      const { subject, nid } = benchCitizen(number);
      const { sealed, keyId } = vault.seal(subject, `${nid.kind}:${nid.value}`);
      return { _id: subject, v: 1, nidIndex: vault.index('nid', `${nid.kind}\0${nid.value}`), nidSealed: sealed, keyId, state: 'ACTIVE' };
    });
    await subjects.insertMany(people as never[]);
    await consents.insertMany(numbers.map((number) => stored(number, permittedBy(number))) as never[]);
  }
  const like = stored(citizens, A_FEW);
  for (const numbers of batches(citizens, citizens + strangers)) {
    const others = numbers.map((number) => {
      const { subject, consent } = benchCitizen(number);
      return { ...like, _id: consent, subject, grantedBy: { ...like.grantedBy, subject } };
    });
    await consents.insertMany(others as never[]);
  }
}
