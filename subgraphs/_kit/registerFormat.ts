/** National formats with a check digit. */
export type RegisterFormat = 'tw-national-id' | 'tw-ui-number';

/** The number that stands for the first letter (the place of first registration). */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVXYWZIO';
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 1, 1];

/** Whether a text is a well-formed number of this kind: form, sex or residence digit, check digit (the register's public rule). */
export function hasFormat(format: RegisterFormat, text: string): boolean {
  const form = format === 'tw-national-id' ? /^[A-Z][12]\d{8}$/ : /^[A-Z][89]\d{8}$/;
  if (!form.test(text)) return false;
  const letter = LETTERS.indexOf(text.charAt(0)) + 10;
  const digits = WEIGHTS.reduce((sum, weight, index) => sum + weight * Number(text.charAt(index + 1)), 0);
  return (Math.floor(letter / 10) + (letter % 10) * 9 + digits) % 10 === 0;
}
