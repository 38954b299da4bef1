import { HubError } from '../../schema/errors.ts';

/** The refusal of everything outside the subset of docs/store.md, by name of the operator, option, command or type. */
export const unsupported = (name: string): HubError => new HubError('STORE_UNSUPPORTED', name);

/** Throws STORE_UNSUPPORTED for the first option that is set and not in `allowed`. Undefined, null and false count as not set. */
export function checkOptions(options: object | undefined, allowed: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined || value === null || value === false || allowed.has(name)) continue;
    throw unsupported(`option ${name}`);
  }
}
