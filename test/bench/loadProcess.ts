import { createPrivateKey } from 'node:crypto';
import { Pool } from 'undici';
import { checkAnswer, type Verdict } from './answerCheck.ts';
import { asking, type Asking } from './asking.ts';
import { benchKeys } from './benchKeys.ts';
import { benchCitizen } from './citizens.ts';
import { dispatchText } from './dispatchText.ts';
import { passMinter, passStock, type PassStock } from './passes.ts';
import { COLD_FROM, MIXED, WARM } from './people.ts';
import type { Phase, PhaseResult } from './phase.ts';
import { answerCommands } from './rpc.ts';
import { SUBJECT_HEADER } from './unguardedHub.ts';

// The clients. Every answer is compared to the letter with what the records and the consents say.

let stock: PassStock;
/** She may withdraw during this load. */
let withdrawing: number | null = null;
/** Citizens whose withdrawal has been acknowledged. */
const withdrawn = new Set<number>();
/** Texts that were found right, by gateway, citizen and document: the same text is right again. */
const right = new Map<string, { readonly text: string; readonly verdict: Verdict }>();
/** Tokens that a gateway has answered with their proof. */
const proved = new Set<string>();

const subjects = new Map<number, string>();

function subjectOf(number: number): string {
  const subject = subjects.get(number) ?? benchCitizen(number).subject;
  subjects.set(number, subject);
  return subject;
}

function headersOf({ gateway, credentials }: Phase, number: number): string[] {
  const headers = ['content-type', 'application/json', 'accept', 'application/json'];
  if (credentials === 'subject') return [...headers, SUBJECT_HEADER, subjectOf(number)];
  const { authorization } = stock.pass(number);
  headers.push('authorization', authorization);
  if (credentials === 'bearer' && proved.has(`${gateway} ${authorization}`)) return headers;
  headers.push('dpop', stock.proof(number));
  return headers;
}

/** Throws for a wrong answer. Until a withdrawal is acknowledged, one that is on its way may show already. */
function check({ gateway, guarded }: Phase, { number, question, document }: Asking, status: number, text: string, gone: boolean): Verdict {
  const name = `${gateway} ${number} ${document} ${gone ? 'gone' : ''}`;
  const known = right.get(name);
  if (known?.text === text && status === 200) return known.verdict;
  const mayBeGone = !gone && withdrawing === number && text.includes('"reason":"WITHDRAWN"');
  const verdict = checkAnswer(question, number, guarded, status, text, gone || mayBeGone);
  if (number < COLD_FROM) right.set(name, { text, verdict });
  return verdict;
}

/** Makes beforehand what the load needs. */
function prepare({ load, credentials, most, from = COLD_FROM }: Phase): void {
  if (credentials === 'subject') return;
  if (load === 'cold') stock.make(from, most, 1);
  else if (load === 'mixed') stock.make(MIXED.from, MIXED.count, Math.ceil(most / MIXED.count));
  else stock.make(WARM.from, WARM.count, credentials === 'bearer' ? 1 : Math.ceil(most / WARM.count));
}

async function run(phase: Phase): Promise<PhaseResult> {
  const { port, seconds, concurrency, perSecond, most } = phase;
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: concurrency, pipelining: 1 });
  const latencies: number[] = [];
  const verdicts = { RELEASED: 0, REFUSED: 0 };
  withdrawing = phase.withdraws ?? null;
  let index = 0;
  const began = performance.now();
  const until = began + seconds * 1000;

  /** Sends one request that was due at `due`. */
  function ask(due: number, asked: Asking): Promise<void> {
    const gone = withdrawn.has(asked.number);
    return new Promise((resolve, reject) => {
      dispatchText(
        pool,
        headersOf(phase, asked.number),
        asked.body,
        (status, text) => {
          latencies.push(performance.now() - due);
          try {
            verdicts[check(phase, asked, status, text, gone)] += 1;
            // Not before it has answered: what is under way is not known there yet.
            if (phase.credentials === 'bearer') proved.add(`${phase.gateway} ${stock.pass(asked.number).authorization}`);
            resolve();
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
        reject,
      );
    });
  }

  async function follow(): Promise<void> {
    for (let now = performance.now(); now < until && index < most; now = performance.now()) {
      await ask(now, asking(phase, index++));
    }
  }

  async function arrive(rate: number): Promise<void> {
    const open: Promise<void>[] = [];
    for (let due = began; due < until && index < most; due += 1000 / rate) {
      while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
      const answer = ask(due, asking(phase, index++));
      // Told by Promise.all.
      answer.catch(() => undefined);
      open.push(answer);
    }
    await Promise.all(open);
  }

  try {
    if (perSecond === undefined) await Promise.all(Array.from({ length: concurrency }, follow));
    else await arrive(perSecond);
  } finally {
    await pool.destroy();
  }
  const { RELEASED: disclosures, REFUSED: refusals } = verdicts;
  return { answers: latencies.length, disclosures, refusals, seconds: (performance.now() - began) / 1000, latencies };
}

answerCommands({
  start({ folder }: { readonly folder: string }) {
    const keys = benchKeys(folder);
    stock = passStock(passMinter(keys, createPrivateKey({ key: keys.hub.tokens[0] as never, format: 'jwk' })));
  },
  prepare,
  run,
  /** From now on her requests must be refused. */
  withdrawn({ number }: { readonly number: number }) {
    withdrawn.add(number);
  },
  /** What withdrew on one gateway is active on the next. */
  anew() {
    withdrawn.clear();
  },
});
