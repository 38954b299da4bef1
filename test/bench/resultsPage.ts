import type { Machine } from './machine.ts';
import type { Measurements } from './measureAll.ts';
import type { Options } from './options.ts';
import { rowTable } from './rowTable.ts';
import { sections } from './sections.ts';

/** One run. */
export interface Results extends Measurements {
  readonly machine: Machine;
  readonly options: Options;
  readonly pinning: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** The text of RESULTS.md. */
export function resultsPage(results: Results): string {
  const { rows, machine, pinning, options, date, proofs } = results;
  const { concurrency, citizens, command } = options;
  const busy =
    machine.loadBefore > 1
      ? `. **Taken on a busy machine** (load average ${machine.loadBefore} before the run): every figure is several times what a quiet one shows, and rows differ by chance, too`
      : '';
  return `# Bench results

One query over all nine datasets of the five agencies (41 fields, nested lists), ${concurrency} requests in flight, production mode, the gateway alone on one core; agencies and
clients share the other, so that they limit requests/s: **CPU for each answered request** is the measure (user and system time of the gateway's process, its threads and children).
*Warm*: 64 citizens in rotation. *Cold*: every request another citizen, with a token, key, proof and consent never seen before. Every answer was compared with the records and the
consents, to the letter. \`stock ÷\` is the stock gateway's CPU divided by this row's (in process: by stock in process); \`core\` how much of its core the gateway used.
What is measured, and what is left out, is written in the files beside this one.

${rowTable(rows)}

- ${date}, \`${command}\`: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}; ${pinning}${busy}.
- ${citizens} citizens in the embedded store of the cold row.
${proofs.map((proof) => `- ${proof}.`).join('\n')}

${sections(results).join('\n\n')}
`;
}
