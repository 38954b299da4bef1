import type { FieldSet } from '../../schema/fieldSet.ts';
import { MIXED } from './people.ts';
import { fieldsOf, QUESTION, type AskedDataset, type Question } from './question.ts';

// The mixed load: many documents asked of citizens who permit different parts of them.

const DOCUMENTS = 56;
const SETS = 8;

/** Document `number`: some of the datasets, some of their fields; the second half under aliases. */
function document(number: number): Question {
  const kind = number % (DOCUMENTS / 2);
  return QUESTION.flatMap((asked, index): AskedDataset[] => {
    if ((index + kind) % 4 === 0) return [];
    const paths = asked.paths.filter((_path, place) => (place * 5 + index + kind) % 7 !== 0);
    return [{ ...asked, paths, ...(kind !== number && { alias: `${asked.field}${number}` }) }];
  });
}

/** All different, though they ask for much the same. */
export const MIXED_DOCUMENTS: readonly Question[] = Array.from({ length: DOCUMENTS }, (_, number) => document(number));

/** What the holder of set `number` does not permit: whole datasets, and fields of others. */
function permittedSet(number: number): FieldSet {
  return fieldsOf(
    QUESTION.flatMap((asked, index): AskedDataset[] => {
      if (index % SETS === number) return [];
      const paths = asked.paths.filter((_path, place) => (place * 7 + index + number * 3) % (number + 3) !== 0);
      return paths.length === 0 ? [] : [{ ...asked, paths }];
    }),
  );
}

const SETS_OF_FIELDS: readonly FieldSet[] = Array.from({ length: SETS }, (_, number) => permittedSet(number));
const ALL_FIELDS = fieldsOf(QUESTION);

/** What a citizen of the bench has consented to. */
export function permittedBy(number: number): FieldSet {
  const mixed = number >= MIXED.from && number < MIXED.from + MIXED.count;
  return mixed ? (SETS_OF_FIELDS[number % SETS] ?? ALL_FIELDS) : ALL_FIELDS;
}
