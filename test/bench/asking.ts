import { MIXED_DOCUMENTS } from './mix.ts';
import { COLD_FROM, MISBEHAVING, MIXED, WARM } from './people.ts';
import type { Phase } from './phase.ts';
import { QUESTION, textOf, type Question } from './question.ts';

/** One request. */
export interface Asking {
  /** The citizen. */
  readonly number: number;
  readonly question: Question;
  readonly body: string;
  /** Its number among all documents. */
  readonly document: number;
}

const bodyOf = (question: Question): string => JSON.stringify({ query: textOf(question) });
const WHOLE = { question: QUESTION, body: bodyOf(QUESTION), document: 0 };
const spared = QUESTION.filter(({ dataset }) => !dataset.startsWith(`${MISBEHAVING}.`));
const SPARED = { question: spared, body: bodyOf(spared), document: -1 };
const MIX = MIXED_DOCUMENTS.map((question, index) => ({ question, body: bodyOf(question), document: index + 1 }));

/** Who asks what as the `index`th request of a load. */
export function asking({ load, from = COLD_FROM, withdraws = 0 }: Phase, index: number): Asking {
  if (load === 'cold') return { number: from + index, ...WHOLE };
  if (load === 'spared') return { number: WARM.from + (index % WARM.count), ...SPARED };
  if (load === 'mixed') return { number: MIXED.from + (index % MIXED.count), ...(MIX[index % MIX.length] ?? WHOLE) };
  if (load === 'withdrawing' && index % 2 === 0) return { number: withdraws, ...WHOLE };
  return { number: WARM.from + (index % WARM.count), ...WHOLE };
}
