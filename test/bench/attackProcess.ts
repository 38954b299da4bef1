import { createPrivateKey } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Pool } from 'undici';
import { benchKeys } from './benchKeys.ts';
import { passMinter, passStock, type PassStock } from './passes.ts';
import { MIXED } from './people.ts';
import { QUESTION, textOf } from './question.ts';
import { answerCommands } from './rpc.ts';

// Clients with good tokens and bad intentions.

interface Attack {
  readonly headers?: Readonly<Record<string, string>>;
  body(index: number): string | Buffer;
}

const nested = (depth: number): string => `${'{ lowIncome '.repeat(depth)}{ category }${' }'.repeat(depth)}`;
const bomb = Array.from({ length: 20 }, (_, n) => `fragment f${n} on DataSubject { ...f${n + 1} ...f${n + 1} }`).join(' ');
const json = (query: string): string => JSON.stringify({ query });
const once = (body: string | Buffer) => () => body;

/** Each request another document that is sound. */
const distinct = (index: number): string =>
  json(
    `query { me { ${QUESTION.slice(index % 4)
      .map(({ field, many, paths: [first = ''] }) => `x${index}${field}: ${field} { ${many ? `records { ${first} }` : first} }`)
      .join(' ')} } }`,
  );

const ATTACKS = {
  bomb: { body: once(json(`query { me { ...f0 } } ${bomb} fragment f20 on DataSubject { lowIncome { category } }`)) },
  aliases: {
    body: once(json(`query { me { ${Array.from({ length: 1000 }, (_, n) => `a${n}: lowIncome { category }`).join(' ')} } }`)),
  },
  depth: { body: once(json(`query { me ${nested(300)} }`)) },
  large: { body: once(json(`query { me { lowIncome { category } } } # ${'x'.repeat(10_000_000)}`)) },
  zipped: { headers: { 'content-encoding': 'gzip' }, body: once(gzipSync(Buffer.alloc(10_000_000))) },
  distinct: { body: distinct },
  whole: { body: once(json(textOf(QUESTION))) },
} as const satisfies Readonly<Record<string, Attack>>;

export interface AttackInput {
  readonly kind: keyof typeof ATTACKS;
  readonly port: number;
  readonly seconds: number;
  readonly concurrency: number;
}

export interface Attacked {
  readonly sent: number;
  /** How often each HTTP status came; 0: the connection ended. */
  readonly statuses: Readonly<Record<string, number>>;
}

let stock: PassStock;

async function attack({ kind, port, seconds, concurrency }: AttackInput): Promise<Attacked> {
  const { body, headers = {} }: Attack = ATTACKS[kind];
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: concurrency, pipelining: 1 });
  const statuses: Record<string, number> = {};
  const until = performance.now() + seconds * 1000;
  let sent = 0;
  async function client(): Promise<void> {
    while (performance.now() < until) {
      const index = sent++;
      const number = MIXED.from + (index % MIXED.count);
      const { authorization } = stock.pass(number);
      const status = await pool
        .request({
          path: '/graphql',
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json', authorization, dpop: stock.proof(number), ...headers },
          body: body(index),
        })
        .then(async (answer) => {
          await answer.body.dump();
          return answer.statusCode;
        })
        .catch(() => 0);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client));
  await pool.destroy();
  return { sent, statuses };
}

answerCommands({
  start({ folder }: { readonly folder: string }) {
    const keys = benchKeys(folder);
    stock = passStock(passMinter(keys, createPrivateKey({ key: keys.hub.tokens[0] as never, format: 'jwk' })));
  },
  attack,
});
