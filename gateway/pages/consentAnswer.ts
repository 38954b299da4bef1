import { fieldSet, type FieldSet } from '../../schema/fieldSet.ts';
import type { Statement } from '../domain/consent.ts';
import type { ScreenAct, ScreenField, ScreenModel } from '../domain/screenModel.ts';

/** Names of the consent form's members. A field's value is its scope, `<dataset>:<path>`. */
export const FIELD = 'field';
export const ACT = 'act';
export const DURATION = 'duration';
/** Hash and language of the screen that was shown. */
export const SCREEN = 'screen';
export const LANGUAGE = 'language';

/** Kinds that are agreed by an act of their own. */
type SeparateAct = Exclude<Statement['kind'], 'ORDINARY'>;

/** What a citizen ticked, as sent. */
export interface Ticks {
  readonly fields: readonly string[];
  /** Kinds of the acts that she confirmed. */
  readonly acts: readonly string[];
  /** ISO 8601; one of the screen's. */
  readonly duration: string;
}

/** What she agreed to, or why the form cannot be taken. */
export type ConsentAnswer =
  | { readonly kind: 'AGREED'; readonly fields: FieldSet; readonly acts: readonly SeparateAct[]; readonly duration: string }
  | { readonly kind: 'INCOMPLETE'; readonly reason: 'CONSENT_INCOMPLETE' | 'FORM_INVALID' };

/** The scope of a field on the screen. */
export function scopeOf(dataset: string, { path }: Pick<ScreenField, 'path'>): string {
  return `${dataset}:${path}`;
}

/** Whether ticks in this act count only with a confirmation of their own. */
export function needsConfirmation({ kind }: { readonly kind: Statement['kind'] }): boolean {
  return kind !== 'ORDINARY';
}

/** Required datasets of which the present proofs open nothing: agreeing would be of no use before a step-up. */
export function blockedDatasets({ acts }: ScreenModel): readonly ScreenAct['datasets'][number][] {
  const ordinary = acts.filter(({ kind }) => kind === 'ORDINARY').flatMap(({ datasets }) => datasets);
  return ordinary.filter(({ necessity, fields }) => necessity === 'REQUIRED' && fields.every(({ openable }) => !openable));
}

/** Reads the form against the screen that was shown: fixed fields are in, what is not on it or cannot be opened is refused. */
export function readAnswer(screen: ScreenModel, ticks: Ticks): ConsentAnswer {
  const wanted = new Set(ticks.fields);
  const taken: (readonly [string, string[]])[] = [];
  const acts: SeparateAct[] = [];
  for (const act of screen.acts) {
    const confirmed = !needsConfirmation(act) || ticks.acts.includes(act.kind);
    for (const { id, fields } of act.datasets) {
      const ticked = fields.filter((field) => field.fixed || (field.openable && wanted.has(scopeOf(id, field))));
      if (ticked.length > 0 && !confirmed) return { kind: 'INCOMPLETE', reason: 'CONSENT_INCOMPLETE' };
      if (ticked.length > 0 && act.kind !== 'ORDINARY' && !acts.includes(act.kind)) acts.push(act.kind);
      for (const field of ticked) wanted.delete(scopeOf(id, field));
      taken.push([id, ticked.map(({ path }) => path)]);
    }
  }
  if (wanted.size > 0 || !screen.durations.some(({ iso }) => iso === ticks.duration)) return { kind: 'INCOMPLETE', reason: 'FORM_INVALID' };
  return { kind: 'AGREED', fields: fieldSet(taken), acts, duration: ticks.duration };
}
