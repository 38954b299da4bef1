import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HubError } from '../../schema/errors.ts';
import { openStore } from '../../store/openStore.ts';
import { exportAudit } from './exportAudit.ts';

const USAGE = `Usage: exportMain (--data DIR | --mongodb FILE [--prefix TEXT]) --out FILE

  --data DIR       the data folder of a stopped hub
  --mongodb FILE   a file that holds the MongoDB URI (a running hub is fine); its password stays out of the process list
  --prefix TEXT    the hub's DATABASE_PREFIX, where it has one
  --out FILE       where the export goes: JSON lines, one batch each. Copy the heads before.`;

async function main(argv: readonly string[]): Promise<string> {
  const options = {
    data: { type: 'string' },
    mongodb: { type: 'string' },
    prefix: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  const { data, mongodb, prefix, out, help } = parseArgs({ args: [...argv], options, strict: true }).values;
  if (help) return USAGE;
  if (out === undefined || (data === undefined) === (mongodb === undefined))
    throw new HubError('CONFIGURATION', `Give --data or --mongodb, and --out.\n${USAGE}`);
  // The embedded store would make what is not there.
  if (data !== undefined && !existsSync(join(data, 'audit.db')))
    throw new HubError('CONFIGURATION', `There is no audit database in ${data}.`);
  const uri = mongodb === undefined ? undefined : (await readFile(mongodb, 'utf8')).trim();
  const store = await openStore({ dataDir: data ?? '', uri, databasePrefix: prefix });
  try {
    const { batches, entries } = await exportAudit(await store.database('audit'), out);
    return `${batches} batches, ${entries} entries in ${out}`;
  } finally {
    await store.close();
  }
}

try {
  process.stdout.write(`${await main(process.argv.slice(2))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof HubError ? `${error.code}: ${error.message}` : String(error)}\n`);
  process.exitCode = 2;
}
