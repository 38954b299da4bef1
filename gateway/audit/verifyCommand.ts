import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HubError } from '../../schema/errors.ts';
import { openStore } from '../../store/openStore.ts';
import { sentenceOf } from './finding.ts';
import { joinHeadChains, readHeadChain, type HeadChain } from './headChain.ts';
import { headKeysFile } from './headFile.ts';
import { headKeys, type HeadKeys } from './headForm.ts';
import { linesOf } from './jsonLines.ts';
import { exportedLog, storedLog } from './logSources.ts';
import { verifyAudit, type Verification } from './verify.ts';

const USAGE = `Usage: npm run audit:verify -- (--export FILE | --data DIR) [--heads FILE]… [--key FILE]

  --export FILE   an export that the hub wrote (JSON lines)
  --data DIR      the data folder of a stopped hub
  --heads FILE    signed heads; an earlier copy shows what was cut off since. May be repeated.
                  With --data, DIR/audit-heads.jsonl when it is there.
  --key FILE      public keys of the heads (JWK or JWK Set). Without it the file beside the heads is taken,
                  which proves nothing against somebody who could write there.
  --help          this

Exit status: 0 the log is whole, 1 findings, 2 it could not be verified.`;

/** Name of the heads file in the data folder of the demonstration. */
const HEADS = 'audit-heads.jsonl';
/** The embedded store's file of the database `audit`. */
const DATABASE = 'audit.db';

interface Arguments {
  readonly source: { readonly export: string } | { readonly data: string };
  readonly heads: readonly string[];
  readonly key: string | undefined;
}

function readArguments(argv: readonly string[]): Arguments | 'HELP' {
  const options = {
    export: { type: 'string' },
    data: { type: 'string' },
    heads: { type: 'string', multiple: true },
    key: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options, strict: true }));
  } catch (cause) {
    throw new HubError('CONFIGURATION', `${(cause as Error).message}. Try --help.`, { cause });
  }
  if (values.help) return 'HELP';
  const { export: exported, data, heads, key } = values;
  if ((exported === undefined) === (data === undefined))
    throw new HubError('CONFIGURATION', 'Give --export FILE or --data DIR. Try --help.');
  if (exported !== undefined) return { source: { export: exported }, heads: heads ?? [], key };
  const folder = data as string;
  const beside = join(folder, HEADS);
  return { source: { data: folder }, heads: heads ?? (existsSync(beside) ? [beside] : []), key };
}

async function readKeys(file: string): Promise<HeadKeys> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new HubError('CONFIGURATION', `Cannot read the key file ${file}.`, { cause });
  });
  try {
    return await headKeys(JSON.parse(text));
  } catch (cause) {
    throw new HubError('CONFIGURATION', `${file} is not a P-256 public key (JWK with kid, or a JWK Set).`, { cause });
  }
}

async function readHeads({ heads, key }: Arguments): Promise<HeadChain | null> {
  const chains: HeadChain[] = [];
  for (const file of heads) {
    if (!existsSync(file)) throw new HubError('CONFIGURATION', `Cannot read ${file}.`);
    chains.push(await readHeadChain(linesOf(file), await readKeys(key ?? headKeysFile(file))));
  }
  return joinHeadChains(chains);
}

type Progress = (batches: number, entries: number) => void;

async function verifySource({ source }: Arguments, heads: HeadChain | null, progress: Progress): Promise<Verification> {
  if ('export' in source) return verifyAudit(exportedLog(source.export), heads, progress);
  // The embedded store would make what is not there.
  if (!existsSync(join(source.data, DATABASE))) throw new HubError('CONFIGURATION', `There is no audit database in ${source.data}.`);
  const store = await openStore({ dataDir: source.data });
  try {
    return await verifyAudit(storedLog(await store.database('audit')), heads, progress);
  } finally {
    await store.close();
  }
}

function report({ findings, more, counts, notes }: Verification, heads: HeadChain | null): string[] {
  const lines = findings.map(sentenceOf);
  if (more > 0) lines.push(`… and ${more} findings more`);
  lines.push(...notes.map((note) => `Note: ${note}`));
  if (heads === null)
    lines.push(
      'Note: no heads were given. An end that was cut off, a newest shard that is gone and a history written anew cannot be seen.',
    );
  else if (counts.unsigned > 0) lines.push(`Note: ${counts.unsigned} entries at the end are newer than the heads, and covered by none.`);
  const { shards, batches, entries, erased } = counts;
  const found = findings.length + more;
  lines.push(
    `${found === 0 ? 'Whole' : `${found} findings`}: ${shards} shards, ${batches} batches, ${entries} entries (${erased} erased), ${counts.heads} heads` +
      (heads?.newest ? `, the newest of ${new Date(heads.newest.at).toISOString()}` : ''),
  );
  return lines;
}

/** Where a command writes: findings and the summary, and progress and errors. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** `npm run audit:verify`: resolves with the exit status. */
export async function verifyCommand(argv: readonly string[], { out, err }: Output): Promise<number> {
  try {
    const given = readArguments(argv);
    if (given === 'HELP') {
      out(`${USAGE}\n`);
      return 0;
    }
    const heads = await readHeads(given);
    const verification = await verifySource(given, heads, (batches, entries) => err(`${batches} batches, ${entries} entries …\n`));
    if (verification.counts.batches === 0 && verification.findings.length === 0)
      throw new HubError('CONFIGURATION', 'There is no audit log in it.');
    out(`${report(verification, heads).join('\n')}\n`);
    return verification.findings.length === 0 ? 0 : 1;
  } catch (error) {
    err(error instanceof HubError ? `${error.code}: ${error.message}\n` : `INTERNAL: ${String(error)}\n`);
    return 2;
  }
}
