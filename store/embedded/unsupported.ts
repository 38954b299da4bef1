import { HubError } from '../../schema/errors.ts';

/** The refusal of everything outside the subset of docs/store.md, by name of the operator, option, command or type. */
export const unsupported = (name: string): HubError => new HubError('STORE_UNSUPPORTED', name);
