import { createPrivateKey } from 'node:crypto';
import { Pool } from 'undici';
import { benchKeys } from './benchKeys.ts';
import { benchCitizen, benchRecords } from './citizens.ts';
import type { WiringName } from './gatewayProcess.ts';
import { passMinter, type Pass } from './passes.ts';
import { expectedData, QUERY, QUESTION } from './question.ts';
import { answerCommands } from './rpc.ts';
import { SUBJECT_HEADER } from './unguardedHub.ts';

// The clients: a fixed number of requests in flight, every answer compared to the letter with what the records say.

export interface LoadInput {
  readonly folder: string;
  readonly citizens: number;
  /** The first ones come again and again; the others are asked for once. */
  readonly warmCitizens: number;
}

export interface Phase {
  readonly wiring: WiringName;
  readonly port: number;
  readonly load: 'warm' | 'cold';
  readonly seconds: number;
  readonly concurrency: number;
}

export interface PhaseResult {
  readonly answers: number;
  readonly seconds: number;
  /** Of each answer, milliseconds. */
  readonly latencies: readonly number[];
  /** The load ended before its time: no citizen was left. */
  readonly exhausted: boolean;
}

interface Person {
  readonly subject: string;
  readonly pass: Pass;
  readonly expected: string;
}

const BODY = JSON.stringify({ query: QUERY });
let warm: readonly Person[] = [];
let cold: readonly Person[] = [];
/** How many of the cold ones each wiring has had. */
const used = new Map<WiringName, number>();

function start({ folder, citizens, warmCitizens }: LoadInput): void {
  const keys = benchKeys(folder);
  const mint = passMinter(keys, createPrivateKey({ key: keys.hub.tokens[0] as never, format: 'jwk' }));
  const people = Array.from({ length: citizens }, (_, number) => ({
    subject: benchCitizen(number).subject,
    pass: mint(number),
    expected: JSON.stringify(expectedData(benchRecords(number))),
  }));
  warm = people.slice(0, warmCitizens);
  cold = people.slice(warmCitizens);
}

async function run({ wiring, port, load, seconds, concurrency }: Phase): Promise<PhaseResult> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: concurrency, pipelining: 1 });
  const latencies: number[] = [];
  let next = load === 'cold' ? (used.get(wiring) ?? 0) : 0;
  let exhausted = false;
  const began = performance.now();
  const until = began + seconds * 1000;

  function take(): Person | undefined {
    if (load === 'warm') return warm[next++ % warm.length];
    // Only the guarded one could know a citizen again.
    if (wiring !== 'guarded') return cold[next++ % cold.length];
    exhausted = next >= cold.length;
    return cold[next++];
  }

  async function client(): Promise<void> {
    while (performance.now() < until) {
      const person = take();
      if (person === undefined) return;
      const headers = headersOf(wiring, person);
      const sent = performance.now();
      const { statusCode, body } = await pool.request({ path: '/graphql', method: 'POST', headers, body: BODY });
      const text = await body.text();
      latencies.push(performance.now() - sent);
      check(wiring, statusCode, text, person.expected);
    }
  }

  try {
    await Promise.all(Array.from({ length: concurrency }, client));
  } finally {
    if (load === 'cold') used.set(wiring, next);
    await pool.destroy();
  }
  return { answers: latencies.length, seconds: (performance.now() - began) / 1000, latencies, exhausted };
}

function headersOf(wiring: WiringName, { subject, pass }: Person): Record<string, string> {
  const json = { 'content-type': 'application/json', accept: 'application/json' };
  return wiring === 'guarded' ? { ...json, authorization: pass.authorization, dpop: pass.proof() } : { ...json, [SUBJECT_HEADER]: subject };
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: unknown;
  readonly extensions?: { readonly datasets?: Readonly<Record<string, { readonly state?: string }>> };
}

/** Complete, right, hers, in the order asked; under consent also: every dataset says where it stands. */
function check(wiring: WiringName, status: number, text: string, expected: string): void {
  const { data, errors, extensions } = (status === 200 ? JSON.parse(text) : {}) as Answer;
  const standings = Object.values(extensions?.datasets ?? {});
  const isComplete =
    wiring !== 'guarded' || (standings.length === QUESTION.length && standings.every(({ state }) => state === 'AVAILABLE'));
  if (status === 200 && errors === undefined && isComplete && JSON.stringify(data) === expected) return;
  throw new Error(`${wiring}: a wrong answer, HTTP ${status}:\n${text.slice(0, 2000)}\nexpected data:\n${expected.slice(0, 600)}`);
}

answerCommands({ start, run });
