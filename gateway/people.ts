import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One of the demonstration's synthetic people (identity/personas.json). No real person is meant. */
export interface Person {
  readonly id: string;
  readonly name: { readonly 'zh-TW': string; readonly en: string };
  readonly nationalId: string | null;
  readonly uiNumber: string | null;
  readonly birthDate: string;
  readonly householdNumber: string | null;
  readonly idCardIssueDate: string | null;
  readonly nhiCardNumber: string | null;
  readonly mobileNumber: string | null;
  readonly heldMethods: readonly string[];
  readonly story: { readonly 'zh-TW': string; readonly en: string };
}

/** Twelve people of the catalogue and a thirteenth: an adult with a certificate, a low-income record and data at all five agencies. */
export const PEOPLE = JSON.parse(readFileSync(join(import.meta.dirname, 'identity/personas.json'), 'utf8')) as readonly Person[];
