import { open } from 'node:fs/promises';
import type { Connection } from 'mongoose';
import { canonicalJson } from '../../schema/canonical.ts';
import { HubError } from '../../schema/errors.ts';
import { allBatches, batchModel } from './batchModel.ts';

const CHUNK = 1024 * 1024;

/**
 * Writes the whole log as JSON lines, one batch each in canonical form, for an auditor; on disk when resolved. The hub may go on meanwhile: each
 * shard is exported up to some batch. Take a copy of the heads *before*, so that they do not run ahead. Throws STORE_UNWRITABLE when the file
 * exists already or cannot be written.
 */
export async function exportAudit(connection: Connection, file: string): Promise<{ batches: number; entries: number }> {
  const handle = await open(file, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new HubError('STORE_UNWRITABLE', cause.code === 'EEXIST' ? `${file} exists already.` : file, { cause });
  });
  let [batches, entries, text] = [0, 0, ''];
  try {
    for await (const batch of allBatches(batchModel(connection))) {
      text += `${canonicalJson(batch)}\n`;
      batches += 1;
      entries += batch.entries.length;
      if (text.length < CHUNK) continue;
      await handle.appendFile(text);
      text = '';
    }
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { batches, entries };
}
