import { parseArgs } from 'node:util';
import { createRelyingParty, Declined, type Answer, type Authorization, type Fields } from '../sdk/relyingParty.ts';
import { Browser } from './browser.ts';
import { walkAsCitizen, type Wishes } from './citizen.ts';
import { operationFor, publicSchema, SERVICES } from './operation.ts';
import { clientOf, findPerson, type Person } from './person.ts';

const USAGE = `Usage: npm run journey -- [options]

Walks the tuition-waiver journey over HTTP against a running demonstration (npm start), showing each step: the relying party pushes its request,
the citizen proves who she is, sees one screen and agrees, the relying party queries, she withdraws, the next query gets nothing.

  --hub URL           the hub (http://localhost:4000)
  --persona P         whose journey (low-income-student); adult-student holds a certificate and can open the optional fields
  --service S         registered service (online.moe.low-income-tuition-waiver)
  --fields a,b        optional fields she ticks, as dataset:path (all that her method opens)
  --leave a,b         optional fields she leaves out
  --method M          identity method (the strongest she holds of those offered)
  --decline           she declines
  --keep              she does not withdraw at the end
  --as citizen        instead: she signs in and reads "my consents" and "who saw what"
  --lang en|zh-TW     language of the pages (en)
  --json              the last line is JSON: endpoint, accessToken, dpopJwk, consent, agreed (with --as citizen: consents and log); implies --keep
  --help              this`;

/** Columns that a terminal takes for a text: a Chinese character takes two. */
const columns = (text: string): number => text.length + (text.match(/[\u2E80-\u9FFF\uFF00-\uFF60]/g)?.length ?? 0);
const say = (step: string, detail: string): void => console.log(`  ${step}:${' '.repeat(Math.max(0, 25 - columns(step)))} ${detail}`);
const list = (text: string | undefined): string[] | null => text?.split(',').filter(Boolean) ?? null;

function show(title: string, answer: Answer<unknown>): void {
  console.log(`\n${title}: HTTP ${answer.status}`);
  console.log(indent(JSON.stringify(answer.data, null, 2)));
  for (const { extensions } of answer.errors)
    say(`refused (${extensions.reason ?? extensions.code})`, `${extensions.dataset ?? ''} ${(extensions.fields ?? []).join(', ')}`);
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');

async function asRelyingParty(
  hub: URL,
  person: Person,
  options: { service: string; wishes: Wishes; lang: 'zh-TW' | 'en'; keep: boolean; json: boolean },
): Promise<void> {
  const service = SERVICES.get(options.service);
  if (service === undefined)
    throw new Error(`The journey knows no service "${options.service}". It knows: ${[...SERVICES.keys()].join(', ')}.`);
  console.log(`\n1. The relying party "${service.client}" pushes its request (PAR, signed)`);
  const party = await createRelyingParty({ hub: hub.href, clientId: service.client, ...(await clientOf(hub, service.client)) });
  const pending = await party.begin({ service: options.service, datasets: service.datasets });
  say('Asks for', scopes(service.datasets).join(', '));

  console.log(`\n2. ${person.name[options.lang]} at the hub`);
  const browser = new Browser(options.lang);
  const back = await walkAsCitizen(browser, pending.url, { hub, person, wishes: options.wishes, say });

  console.log('\n3. Back at the relying party');
  let authorization: Authorization;
  try {
    authorization = await party.finish(pending, back.href);
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    say('She declined', `${error.error}: no token, no data`);
    if (options.json) console.log(JSON.stringify({ declined: true, error: error.error }));
    return;
  }
  say('Consent', authorization.consent ?? '-');
  say('Agreed', scopes(authorization.agreed).join(', '));

  const operation = operationFor(await publicSchema(hub), service.datasets);
  show('4. It queries', await party.query(authorization, operation));

  if (!options.keep && authorization.consent !== null) {
    console.log('\n5. She signs in, and withdraws');
    const own = await signIn(hub, browser, person, options.wishes.method);
    const withdrawn = await own.query<{ withdrawConsent: { state: string } }>(
      'mutation Withdraw($id: ID!) { withdrawConsent(id: $id) { id state } }',
      { id: authorization.consent },
    );
    say('State', withdrawn.data?.withdrawConsent.state ?? JSON.stringify(withdrawn.errors));
    show('6. It queries again', await party.query(authorization, operation));
    console.log('\n7. Who saw what');
    await showLog(own, authorization.consent);
  }
  if (options.json) {
    const { accessToken, dpop, consent, agreed, expiresAt } = authorization;
    console.log(JSON.stringify({ endpoint: new URL('/graphql', hub).href, accessToken, dpopJwk: dpop, consent, agreed, expiresAt }));
  }
}

interface Own {
  query<Data>(document: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
}

/** The citizen's own client, in the terminal: the same login, the same token rules. */
async function signIn(hub: URL, browser: Browser, person: Person, method: string | null): Promise<Own> {
  const party = await createRelyingParty({ hub: hub.href, clientId: 'citizen-web', ...(await clientOf(hub, 'citizen-web')) });
  const pending = await party.beginOwn();
  const back = await walkAsCitizen(browser, pending.url, { hub, person, say, wishes: { method, fields: null, leave: [], decline: false } });
  const authorization = await party.finish(pending, back.href);
  return { query: (document, variables) => party.query(authorization, document, variables) };
}

interface Log {
  readonly accessLog: {
    readonly entries: readonly {
      readonly at: string;
      readonly kind: string;
      readonly consent: string | null;
      readonly provider: { readonly id: string } | null;
      readonly event: string | null;
      readonly method: string | null;
      readonly outcome: string | null;
      readonly agency: string | null;
      readonly predicate: string | null;
      readonly count: number;
      readonly permitted: readonly { readonly id: string; readonly fields: readonly { readonly path: string }[] }[];
      readonly refused: readonly {
        readonly reason: string;
        readonly dataset: { readonly id: string; readonly fields: readonly { readonly path: string }[] };
      }[];
    }[];
  };
}

const LOG = `query WhoSawWhat { accessLog(first: 100) { entries { at kind consent provider { id } event method outcome agency predicate count permitted { id fields { path } } refused { reason dataset { id fields { path } } } } } }`;

async function showLog(own: Own, consent: string | null): Promise<Log['accessLog']['entries']> {
  const { data, errors } = await own.query<Log>(LOG);
  if (data === null) throw new Error(`The log was refused: ${JSON.stringify(errors)}`);
  const entries = data.accessLog.entries.filter((entry) => consent === null || entry.consent === consent);
  for (const { at, kind, provider, event, method, outcome, agency, predicate, count, permitted, refused } of entries) {
    const parts = [
      ...[event, method, outcome, predicate].map((word) => word ?? ''),
      ...permitted.map(({ id, fields }) => `${id}: ${fields.map(({ path }) => path).join(', ')}`),
      ...refused.map(({ reason, dataset }) => `${reason} ${dataset.id}: ${dataset.fields.map(({ path }) => path).join(', ')}`),
      count > 1 ? `${count} times` : '',
    ];
    say(`${at} ${kind}`, [provider?.id ?? agency ?? '', parts.filter(Boolean).join(' · ')].filter(Boolean).join(' '));
  }
  return entries;
}

async function asCitizen(hub: URL, person: Person, lang: 'zh-TW' | 'en', method: string | null, json: boolean): Promise<void> {
  console.log(`\n${person.name[lang]} signs in`);
  const own = await signIn(hub, new Browser(lang), person, method);
  console.log('\nMy consents');
  const document = '{ consents(first: 100) { consents { id state version notAfter uses provider { id } service { id } } } }';
  const { data } = await own.query<{
    consents: { consents: readonly { id: string; state: string; service: { id: string }; notAfter: string }[] };
  }>(document);
  const consents = data?.consents.consents ?? [];
  for (const { id, state, service, notAfter } of consents) say(state, `${service.id} until ${notAfter} (${id})`);
  console.log('\nWho saw what');
  const log = await showLog(own, null);
  if (json) console.log(JSON.stringify({ consents, log }));
}

const scopes = (fields: Fields): string[] =>
  Object.entries(fields).flatMap(([dataset, paths]) => paths.map((path) => `${dataset}:${path}`));

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      hub: { type: 'string', default: 'http://localhost:4000' },
      persona: { type: 'string', default: 'low-income-student' },
      service: { type: 'string', default: 'online.moe.low-income-tuition-waiver' },
      fields: { type: 'string' },
      leave: { type: 'string' },
      method: { type: 'string' },
      decline: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      as: { type: 'string' },
      lang: { type: 'string', default: 'en' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  if (values.as !== undefined && values.as !== 'citizen') throw new Error('--as takes one value: citizen.');
  const { lang } = values;
  if (lang !== 'en' && lang !== 'zh-TW') throw new Error('--lang takes en or zh-TW.');
  const hub = new URL(values.hub);
  const person = await findPerson(hub, values.persona);
  if (values.as === 'citizen') return asCitizen(hub, person, lang, values.method ?? null, values.json);
  const wishes: Wishes = {
    method: values.method ?? null,
    fields: list(values.fields),
    leave: list(values.leave) ?? [],
    decline: values.decline,
  };
  return asRelyingParty(hub, person, { service: values.service, wishes, lang, keep: values.keep || values.json, json: values.json });
}

/** An OAuth error says more than its class: `error` and `error_description` (RFC 6749 §5.2). */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { error: word, error_description: description } = error as { error?: unknown; error_description?: unknown };
  return typeof word === 'string' ? `${word}${typeof description === 'string' ? `: ${description}` : ''}` : error.message;
}

main().catch((error: unknown) => {
  console.error(`\nThe journey stopped: ${reasonOf(error)}`);
  process.exitCode = 1;
});
