import { createHash, timingSafeEqual } from 'node:crypto';
import type { RegisterKey } from '../../schema/warrant.ts';

/** What a yes/no predicate may use. */
export interface Enquiry {
  readonly arguments: Readonly<Record<string, string>>;
  /** Who the warrant is about. */
  readonly nid: RegisterKey;
  /** The value a register holds for this subject, or null. */
  readonly factor: (register: string) => Promise<string | null>;
}

/** Answers yes or no; no field leaves (docs/contract.md §4). */
export type Predicate = (enquiry: Enquiry) => Promise<boolean>;

/** Whether the register holds exactly `arguments.value` for the subject. Not held and not equal are the same answer, in the same time. */
export function registerHolds(register: string): Predicate {
  return async ({ arguments: { value = '' }, factor }) => {
    const held = await factor(register);
    const equal = timingSafeEqual(digest(value), digest(held ?? ''));
    return held !== null && equal;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
