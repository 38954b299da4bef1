import type { Consent, Use } from './consent.ts';

/** The same use may repeat for ten minutes: an agency may have been down (docs/contract.md §3). */
export const REPEAT_MS = 10 * 60_000;

/** What makes a use the same: the token's grant, the document and its variables. */
export type UseKey = Pick<Use, 'grant' | 'documentHash' | 'variablesHash'>;

export function isSameUse(a: UseKey, b: UseKey): boolean {
  return a.grant === b.grant && a.documentHash === b.documentHash && a.variablesHash === b.variablesHash;
}

/** Whether this use has been taken, and may be repeated without another slot. */
export function isRepeat(uses: readonly Use[], use: UseKey, now: number): boolean {
  return uses.some((taken) => isSameUse(taken, use) && now < taken.at + REPEAT_MS);
}

/** Whether every slot is taken and no taken one may be repeated any more. */
export function isUsedUp({ maxUses, uses }: Pick<Consent, 'maxUses' | 'uses'>, now: number): boolean {
  return maxUses !== null && uses.length >= maxUses && uses.every(({ at }) => now >= at + REPEAT_MS);
}
