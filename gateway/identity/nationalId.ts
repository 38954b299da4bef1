import type { Nid } from './identityMethod.ts';

/** Numbers of the area letters; the first letter of every ID stands for two digits. */
const LETTERS: Readonly<Record<string, number>> = {
  A: 10, B: 11, C: 12, D: 13, E: 14, F: 15, G: 16, H: 17, I: 34, J: 18, K: 19, L: 20, M: 21,
  N: 22, O: 35, P: 23, Q: 24, R: 25, S: 26, T: 27, U: 28, V: 29, W: 32, X: 30, Y: 31, Z: 33,
}; // prettier-ignore

/** Weights of the letter's two digits and the nine characters after it. */
const WEIGHTS = [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1];

/** Whether the check digit fits: the weighted sum is a multiple of ten. A second letter (old UI numbers) counts by its last digit. */
function fits(id: string): boolean {
  const area = LETTERS[id.charAt(0)] ?? Number.NaN;
  const digits = [Math.floor(area / 10), area % 10, ...[...id.slice(1)].map((character) => (LETTERS[character] ?? Number(character)) % 10)];
  return digits.reduce((sum, digit, place) => sum + digit * (WEIGHTS[place] ?? Number.NaN), 0) % 10 === 0;
}

/** A national's number (國民身分證統一編號): letter, 1 or 2, seven digits, check digit. */
export function isNationalId(text: string): boolean {
  return /^[A-Z][12][0-9]{8}$/.test(text) && fits(text);
}

/** A foreign resident's number (統一證號), the form since 2021 (second character 8 or 9) or the one before (A to D). */
export function isUiNumber(text: string): boolean {
  return /^[A-Z](?:[89]|[A-D])[0-9]{8}$/.test(text) && fits(text);
}

/** Typed text → the registers' key; full-width and lower-case letters, blanks and hyphens forgiven. Null when the check digit does not fit. */
export function parseNid(text: string): Nid | null {
  const value = text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
  if (isNationalId(value)) return { kind: 'NATIONAL_ID', value };
  return isUiNumber(value) ? { kind: 'UI_NUMBER', value } : null;
}
