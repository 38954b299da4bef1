import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { HubError } from '../../schema/errors.ts';
import { parseSoftwareCard, signChallenge } from './softwareCard.ts';

const USAGE = `Usage: npm run --silent card -- sign --card FILE [--challenge TEXT]

Signs the text of a login page with a development card, and prints the signature to paste into the page.
Without --challenge the text is read from standard input. Cards lie in <data folder>/dev/cards/.`;

/** Arguments and standard input → what to print. Throws HubError CARD_REJECTED or CONFIGURATION. */
async function run(argv: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { card: { type: 'string' }, challenge: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) return USAGE;
  if (positionals.join(' ') !== 'sign' || values.card === undefined) throw new HubError('CONFIGURATION', USAGE);
  const challenge = (values.challenge ?? (await text(process.stdin))).trim();
  if (!/^[A-Za-z0-9_-]{43}@[^\s@]+$/.test(challenge))
    throw new HubError('CONFIGURATION', 'The text to be signed looks like <43 characters>@<host>.');
  process.stderr.write(`Signing a login to ${challenge.slice(challenge.indexOf('@') + 1)}.\n`);
  return signChallenge(parseSoftwareCard(readCard(values.card)), challenge);
}

function readCard(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HubError('CONFIGURATION', `Cannot read the card file ${file}.`, { cause });
  }
}

try {
  console.log(await run(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
