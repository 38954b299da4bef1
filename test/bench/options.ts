import { parseArgs } from 'node:util';

const USAGE = `npm run bench -- [--quick] [--json] [--only LIST] [--profile NAME] [--mongo] [--consents N] [--citizens N] [--concurrency N] [--seconds N] [--rounds N]
  --quick     a short run of the wirings alone, less exact
  --json      the last line holds the figures: microseconds of CPU for each answered request
  --only      wirings and sections, separated by commas: http, webSocket, inProcess, or one of them (http.dpop), and
              mix, withdrawal, open, profile, growth, attack, steps; RESULTS.md stays as it is
  --profile   writes NAME.<wiring>.cpuprofile of each warm wiring
  --mongo     also the rows on the MongoDB-protocol server of MONGODB_URI
  --consents  stored in the crowded store (100000; a million takes some minutes)
  --citizens  who each ask once
  --seconds   of each phase`;

export interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  /** Names of wirings, of groups of them, and of sections; null: all. */
  readonly only: readonly string[] | null;
  readonly profile: string | null;
  readonly mongo: boolean;
  readonly consents: number;
  readonly citizens: number;
  readonly concurrency: number;
  readonly seconds: number;
  readonly rounds: number;
  /** As it was called, for the page of results. */
  readonly command: string;
}

/** Reads the command line; ends the process where it cannot be read. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parse(args);
  if (values.help) end(0);
  const quick = values.quick ?? false;
  const count = (name: 'consents' | 'citizens' | 'concurrency' | 'seconds' | 'rounds', standard: number): number => {
    const given = values[name];
    if (given === undefined) return standard;
    if (!/^\d+(\.\d+)?$/.test(given) || Number(given) <= 0) end(2, `--${name} must be a number above 0.`);
    return Number(given);
  };
  const mongo = values.mongo ?? false;
  if (mongo && env['MONGODB_URI'] === undefined) end(2, '--mongo needs MONGODB_URI.');
  return {
    quick,
    json: values.json ?? false,
    only: values.only?.split(',').filter(Boolean) ?? null,
    profile: values.profile ?? null,
    mongo,
    consents: count('consents', 100_000),
    citizens: count('citizens', quick ? 2000 : 8000),
    concurrency: count('concurrency', 32),
    seconds: count('seconds', quick ? 1.2 : 3),
    rounds: count('rounds', quick ? 1 : 2),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: flag,
        json: flag,
        help: flag,
        mongo: flag,
        only: text,
        profile: text,
        consents: text,
        citizens: text,
        concurrency: text,
        seconds: text,
        rounds: text,
      },
    });
  } catch (error) {
    return end(2, error instanceof Error ? error.message : String(error));
  }
}

function end(code: number, why = ''): never {
  console.log(why === '' ? USAGE : `${why}\n\n${USAGE}`);
  process.exit(code);
}

/** Whether a wiring (`http.dpop`) or a section (`growth`) is asked for. Sections are left out of a quick run. */
export function isAsked({ only, quick }: Pick<Options, 'only' | 'quick'>, name: string): boolean {
  if (only === null) return !quick || name.includes('.');
  return only.some((each) => name === each || name.startsWith(`${each}.`));
}
