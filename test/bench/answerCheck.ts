import { difference, intersection, isEmpty, type FieldSet } from '../../schema/fieldSet.ts';
import { benchRecords } from './citizens.ts';
import { permittedBy } from './mix.ts';
import { expectedData, fieldsOf, type Question } from './question.ts';

/** What an answer turned out to be; anything else throws. */
export type Verdict = 'RELEASED' | 'REFUSED';

interface RefusalError {
  readonly extensions?: { readonly reason?: string; readonly dataset?: string; readonly fields?: readonly string[] };
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly RefusalError[];
  readonly extensions?: { readonly datasets?: Readonly<Record<string, { readonly state?: string }>> };
}

/** Complete, right, hers, in the order asked; under consent also: exactly what is refused is named, and each released dataset says where it stands. */
export function checkAnswer(
  question: Question,
  number: number,
  guarded: boolean,
  status: number,
  text: string,
  withdrawn: boolean,
): Verdict {
  const asked = fieldsOf(question);
  const permitted = withdrawn ? {} : guarded ? intersection(asked, permittedBy(number)) : asked;
  const refused = difference(asked, permitted);
  const wanted = JSON.stringify(expectedData(question, benchRecords(number), permitted));
  const { data, errors = [], extensions } = (text.startsWith('{') ? JSON.parse(text) : {}) as Answer;
  const released = Object.entries(extensions?.datasets ?? {});
  const stand = released.length === Object.keys(permitted).length && released.every(([, { state }]) => state === 'AVAILABLE');
  const isRight = status === 200 && JSON.stringify(data) === wanted && namesAll(errors, refused, withdrawn ? 'WITHDRAWN' : 'NOT_CONSENTED');
  if (isRight && (stand || !guarded)) return isEmpty(permitted) ? 'REFUSED' : 'RELEASED';
  throw new Error(`A wrong answer, HTTP ${status}:\n${text.slice(0, 2000)}\nexpected data:\n${wanted.slice(0, 2000)}`);
}

function namesAll(errors: readonly RefusalError[], refused: FieldSet, reason: string): boolean {
  const named = errors.map(({ extensions: { dataset = '', fields = [], reason: given } = {} }) => [
    dataset,
    given === reason ? fields : [],
  ]);
  const sorted = (entries: readonly unknown[]): string => JSON.stringify([...entries].sort());
  return sorted(named) === sorted(Object.entries(refused));
}
