import { CompactSign, importJWK, type JWK } from 'jose';

/** A synthetic person as the demonstration publishes her at /dev/personas.json. */
export interface Person {
  readonly id: string;
  readonly name: { readonly 'zh-TW': string; readonly en: string };
  readonly nationalId: string | null;
  readonly uiNumber: string | null;
  readonly nhiCardNumber: string | null;
  readonly householdNumber: string | null;
  readonly idCardIssueDate: string | null;
  readonly mobileNumber: string | null;
  readonly heldMethods: readonly string[];
}

interface Card {
  readonly certificate: string;
  readonly opening: string;
  readonly key: JWK;
}

async function json<T>(url: URL): Promise<T> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`The hub at ${url.origin} does not answer. Start it with: npm start`, { cause });
  });
  if (!response.ok)
    throw new Error(`${url.href} answered ${response.status}. The journey needs the demonstration (npm start), not a production hub.`);
  return (await response.json()) as T;
}

/** Finds a person by id, with or without `persona.`. Throws naming all there are. */
export async function findPerson(hub: URL, id: string): Promise<Person> {
  const people = await json<readonly Person[]>(new URL('/dev/personas.json', hub));
  const found = people.find((person) => person.id === id || person.id === `persona.${id}`);
  if (found) return found;
  throw new Error(`There is no persona "${id}". There are: ${people.map((person) => person.id.replace('persona.', '')).join(', ')}.`);
}

/** The private key of one of the demonstration's relying parties, and its redirect URI for a terminal: nothing answers there. */
export function clientOf(hub: URL, client: string): Promise<{ readonly privateJwk: JWK; readonly redirectUri: string }> {
  return json(new URL(`/dev/clients/${client}.json`, hub));
}

/** The newest code that the development SMS gateway sent to a number. */
export async function newestCode(hub: URL, number: string): Promise<string> {
  const messages = await json<readonly { number: string; text: string }[]>(new URL('/dev/sms.json', hub));
  const code = /[0-9]{6}/.exec(messages.find((message) => message.number === number)?.text ?? '')?.[0];
  if (code === undefined) throw new Error(`No text message for ${number} at ${hub.origin}/dev/sms.`);
  return code;
}

/** Signs a login challenge with a person's software card, as sign-challenge.js does in a browser. */
export async function signWithCard(hub: URL, person: Person, challenge: string): Promise<string> {
  const card = await json<Card>(new URL(`/dev/cards/${person.id}.json`, hub));
  const payload = Buffer.from(JSON.stringify({ challenge, opening: card.opening }));
  const header = { alg: 'ES256', typ: 'mydata-login+jws', x5c: [card.certificate] };
  return new CompactSign(payload).setProtectedHeader(header).sign(await importJWK(card.key, 'ES256'));
}
