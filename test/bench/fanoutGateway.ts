import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { sha256 } from '../../schema/canonical.ts';
import { WARRANT_ISSUER } from '../../schema/warrant.ts';
import { createWarrantSealer } from '../../schema/warrantSealer.ts';
import { AGENCIES } from '../../subgraphs/agencies.ts';
import { benchKeys, ENDPOINT } from './benchKeys.ts';
import { benchVerifier } from './benchVerifier.ts';
import { benchCitizen } from './citizens.ts';
import { dispatchText } from './dispatchText.ts';
import type { Wiring, WiringInput } from './gatewayWiring.ts';
import { WARM } from './people.ts';
import { fieldsOf, QUESTION, selectionOf } from './question.ts';

type Json = Record<string, unknown>;

/** One agency, as somebody who knows the one question would ask it. */
interface Source {
  readonly agency: string;
  readonly pool: Pool;
  readonly query: string;
  /** The body up to the subject's id, which needs no escaping, and the rest. */
  readonly before: string;
  readonly sealed: Map<string, string[]>;
}

/**
 * What a hand-written program does that is made for the one question: the product's verifier of token and proof, one fixed query for each agency
 * under a warrant sealed beforehand, the parts put together, and nothing else: no GraphQL, no consent, no record.
 */
export async function fanoutGateway({ folder, addresses }: WiringInput): Promise<Wiring> {
  const { hub: keys } = benchKeys(folder);
  const verifier = benchVerifier(keys);
  const seal = createWarrantSealer({ own: keys.warrant, agencies: keys.agencies, now: Date.now, randomBytes });
  const sources = AGENCIES.map((agency): Source => {
    const query = `query($representations:[_Any!]!){_entities(representations:$representations){...on DataSubject{id ${selectionOf(questionOf(agency))}}}}`;
    return {
      agency,
      pool: new Pool(addresses.guarded[agency] ?? '', { connections: 64, pipelining: 1 }),
      query,
      before: `{"query":${JSON.stringify(query)},"variables":{"representations":[{"__typename":"DataSubject","id":"`,
      sealed: new Map(),
    };
  });
  let calls = 0;

  function ask({ agency, pool, before, sealed }: Source, subject: string): Promise<Json> {
    return new Promise((resolve, reject) => {
      const warrant = sealed.get(subject)?.pop();
      if (warrant === undefined) return reject(new Error('No warrant is left.'));
      calls += 1;
      const headers = ['content-type', 'application/json', 'warrant', warrant];
      dispatchText(
        pool,
        headers,
        `${before}${subject}"}]}}`,
        (status, text) => {
          const { data, errors } = JSON.parse(text) as {
            readonly data?: { readonly _entities: readonly Json[] };
            readonly errors?: unknown;
          };
          const entity = data?._entities[0];
          if (status !== 200 || errors !== undefined || entity?.['id'] !== subject) reject(new Error(`${agency} did not answer.`));
          else resolve(entity);
        },
        reject,
      );
    });
  }

  async function answer({ headers, method = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const proof = headers['dpop'];
    const { subject } = await verifier.verify({
      authorization: headers.authorization,
      proof: typeof proof === 'string' ? proof : undefined,
      method,
      url: ENDPOINT,
    });
    const entities = await Promise.all(sources.map((source) => ask(source, subject)));
    const all: Json = Object.assign({}, ...entities) as Json;
    const me = Object.fromEntries(QUESTION.map(({ field }) => [field, all[field]]));
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify({ data: { me } }));
  }

  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    calls: () => calls,
    prepare(requests) {
      const each = Math.ceil(requests / WARM.count) + 1;
      for (const { agency, query, sealed } of sources) {
        const fld = fieldsOf(questionOf(agency));
        for (let number: number = WARM.from; number < WARM.count; number += 1) {
          const { subject, nid, consent } = benchCitizen(number);
          const whose = { sub: subject, nid, cid: consent, cv: 2, svc: 'bench.everything', pur: 'bench' };
          const warrants = Array.from({ length: each }, () => {
            const iat = Math.floor(Date.now() / 1000);
            const jti = randomBytes(16).toString('base64url');
            return seal({ iss: WARRANT_ISSUER, aud: agency, iat, exp: iat + 60, jti, ...whose, op: sha256(query), fld });
          });
          sealed.set(subject, warrants);
        }
      }
    },
    async close() {
      server.closeAllConnections();
      await Promise.all(sources.map(({ pool }) => pool.destroy()));
      return null;
    },
  };
}

const questionOf = (agency: string) => QUESTION.filter(({ dataset }) => dataset.startsWith(`${agency}.`));
