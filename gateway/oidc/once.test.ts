import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertion, authorizeUrl, endpoint, exchange, proof, proofKey, push, type ProofKey } from '../../test/abuse/oidcClient.ts';
import { agree, arrival, browser, logIn, page } from '../../test/abuse/oidcCitizen.ts';
import { openOidcHub, type OidcHub } from '../../test/abuse/oidcHub.ts';

const MANY = 20;
const times = Array.from({ length: MANY }, (_, index) => index);

let hub: OidcHub;
let key: ProofKey;
beforeAll(async () => {
  hub = await openOidcHub();
  key = await proofKey();
});
afterAll(() => hub.close());

/** A code, come by as a citizen would give it. */
async function code(): Promise<string> {
  const pushed = await push(hub, {}, { DPoP: await proof(key, endpoint(hub, 'request')) });
  const citizen = browser();
  const screen = page(await logIn(citizen, page(await citizen.open(authorizeUrl(hub, pushed))), 'anna'));
  return String(arrival(await agree(citizen, screen)).searchParams.get('code'));
}

describe('what is good once is taken once, of twenty at the same time', () => {
  it('one token for one code', async () => {
    const one = await code();
    const answers = await Promise.all(times.map(() => exchange(hub, one, key)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body['error'] === 'invalid_grant')).toHaveLength(MANY - 1);
  });

  it('one code for one pushed request, however many browsers answer it', async () => {
    const pushed = await push(hub);
    const url = authorizeUrl(hub, pushed);
    const screens = await Promise.all(
      times.map(async () => {
        const citizen = browser();
        return { citizen, screen: page(await logIn(citizen, page(await citizen.open(url)), 'anna')) };
      }),
    );
    const answers = await Promise.all(screens.map(({ citizen, screen }) => agree(citizen, screen)));
    const codes = answers.filter((answer) => answer instanceof URL && answer.searchParams.has('code'));
    const refused = answers.filter((answer) =>
      answer instanceof URL ? answer.searchParams.get('error') === 'invalid_request_uri' : answer.status === 400,
    );
    expect(codes).toHaveLength(1);
    expect(refused).toHaveLength(MANY - 1);
  }, 120_000);

  it('one pushed request for one DPoP proof', async () => {
    const one = await proof(key, endpoint(hub, 'request'));
    const answers = await Promise.all(times.map(() => push(hub, {}, { DPoP: one })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(MANY - 1);
  });

  it('one pushed request for one client assertion', async () => {
    const one = await assertion(hub);
    const answers = await Promise.all(times.map(() => push(hub, { client_assertion: one })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body['error'] === 'invalid_client')).toHaveLength(MANY - 1);
  });

  it('no error of ours', () => {
    expect(hub.logged).toEqual([]);
  });
});
