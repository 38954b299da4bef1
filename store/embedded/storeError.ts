import { HubError } from '../../schema/errors.ts';

/** The `code` of an error of SQLite or the file system; empty without one. (Not by class: under a test runner those errors come from another realm.) */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** SQLite's and the file system's errors as ours, naming the file. Anything else comes back as it is. */
export function storeError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return new HubError('STORE_CORRUPT', path, { cause: error });
  if (/^SQLITE_BUSY/.test(code)) return new HubError('STORE_LOCKED', `${path} is locked by another program.`, { cause: error });
  if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM)|^(EACCES|EPERM|EROFS|ENOTDIR|ENOSPC|EDQUOT|EIO|EISDIR|EEXIST|ENOENT)$/.test(code))
    return new HubError('STORE_UNWRITABLE', path, { cause: error });
  return error;
}
