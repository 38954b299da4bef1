import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import people from '../../gateway/identity/personas.json' with { type: 'json' };
import { agree, ask, citizen, send, signIn, WAIVER_QUERY, type Given, type Received } from '../fixtures/hubClient.ts';
import { cleanUp, runHub, type RunningHub } from '../fixtures/runHub.ts';

let hub: RunningHub;
let student: Given;
let adult: Given;

beforeAll(async () => {
  hub = await runHub();
  student = await agree(hub, await citizen(hub, 'low-income-student'));
  adult = await agree(hub, await citizen(hub, 'adult-student'));
}, 120_000);
afterAll(async () => {
  await hub.stop();
  await cleanUp();
});

const query = (given: Given, text: string): Promise<Received> => ask(hub, given.authorization, { body: { query: text } });

describe('a thousand queries of two citizens at a time', () => {
  it('show no value of the other', async () => {
    // One document for both, and several for each, so that every cache is shared between them.
    const documents = [
      WAIVER_QUERY,
      '{ me { lowIncome { certificateNumber } } }',
      '{ me { householdPersonal { name nationalId } lowIncome { validTo certificateNumber } } }',
      'query A { me { ...F } } fragment F on DataSubject { first: lowIncome { certificateNumber } second: lowIncome { certificateNumber } }',
    ];
    const theirs = [
      { given: student, own: ['LI-108-009902'], foreign: /LI-108-009913|T299999139|周示晴|1992-09-17/ },
      { given: adult, own: ['LI-108-009913'], foreign: /LI-108-009902|B199999025|李例勤|2003-04-04/ },
    ];
    const waiting = Array.from({ length: 1000 }, (_, i) => i);
    let answered = 0;
    const worker = async (): Promise<void> => {
      for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
        const { given, own, foreign } = theirs[i % 2] as (typeof theirs)[number];
        const { status, text } = await query(given, documents[i % documents.length] ?? '');
        expect(status).toBe(200);
        expect(text).not.toMatch(foreign);
        for (const value of own) expect(text).toContain(value);
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: 50 }, worker));
    expect(answered).toBe(1000);
  }, 120_000);
});

describe('what stays behind', () => {
  /** Every journey that the demonstration offers, failures included, so that there is something to find. */
  beforeAll(async () => {
    const she = await citizen(hub, 'adult-student');
    await agree(hub, she, { method: 'otp-sms', service: 'example.credit-card' }).then((given) =>
      query(given, '{ me { property { totalValue items { presentValue } } } }'),
    );
    const own = await signIn(hub, she);
    await query(own, '{ accessLog { entries { id } } consents { consents { id receipt } } }');
    await query(student, WAIVER_QUERY);
    await query(student, '{ me { lowIncome { shoeSize } } }');
    await send(hub, { token: student.authorization.accessToken, proof: 'nonsense', body: { query: WAIVER_QUERY } });
    await send(hub, { path: `/graphql?access_token=${student.authorization.accessToken}`, method: 'GET' });
    const wrong = { ...(await citizen(hub, 'veteran')) };
    const liar = { ...wrong, person: { ...wrong.person, nhiCardNumber: '000000000999' } };
    await expect(agree(hub, liar, { method: 'multi-factor' })).rejects.toThrow();
    await expect(agree(hub, { ...wrong, person: { ...wrong.person, nationalId: 'Z999999999' } })).rejects.toThrow();
    // Killed: what was written and deleted again is still in the files.
    await hub.stop('SIGKILL');
  }, 120_000);

  const secrets = people.flatMap(({ nationalId, uiNumber, mobileNumber, nhiCardNumber, householdNumber }) =>
    [nationalId, uiNumber, mobileNumber, nhiCardNumber, householdNumber, '000000000999', 'Z999999999'].filter((value) => value !== null),
  );
  const values = ['LI-108-009902', 'LI-108-009913', '周示晴', '李例勤', '1992-09-17', '690000'];

  /** In UTF-8 and UTF-16, as text, as base64 and as a number of hexadecimal digits. */
  function found(bytes: Buffer, texts: readonly string[]): string[] {
    return texts.filter((text) =>
      [
        Buffer.from(text),
        Buffer.from(text, 'utf16le'),
        Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '')),
        Buffer.from(Buffer.from(text).toString('hex')),
      ].some((needle) => bytes.includes(needle)),
    );
  }

  const files = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => (statSync(join(folder, name)).isDirectory() ? files(join(folder, name)) : [join(folder, name)]));

  /** The hub's own databases on a MongoDB server, every document as JSON. */
  async function documents(uri: string): Promise<Buffer> {
    const client = await mongoose.createConnection(uri).asPromise();
    const texts: string[] = [];
    for (const name of ['hub', 'audit']) {
      const { db } = client.useDb(`${hub.databasePrefix}${name}`);
      for (const { name: collection } of (await db?.listCollections().toArray()) ?? [])
        texts.push(JSON.stringify(await db?.collection(collection).find({}).toArray()));
    }
    await client.destroy();
    return Buffer.from(texts.join('\n'));
  }

  it('in its databases on a MongoDB server: nothing of that', async () => {
    const uri = process.env['MONGODB_URI'];
    if (uri === undefined) return;
    const dump = await documents(uri);
    expect(dump.includes('DISCLOSURE_INTENT')).toBe(true);
    expect(found(dump, [...secrets, ...values])).toEqual([]);
    for (const { authorization } of [student, adult])
      expect(found(dump, [authorization.accessToken, authorization.dpop.d ?? 'none'])).toEqual([]);
  });

  it('in the hub’s own files: no national ID, no phone or card number, no value of a record', () => {
    // The agencies' registers are theirs; cards and phones of synthetic people are the demonstration's, below dev/.
    const own = files(hub.dataDir).filter((file) => !/\/(agency_|dev\/)/.test(file.slice(hub.dataDir.length)));
    const names = own.map((file) => file.slice(hub.dataDir.length + 1));
    if (process.env['MONGODB_URI'] === undefined)
      expect(names).toEqual(expect.arrayContaining(['audit-heads.jsonl', 'audit.db', 'hub.db']));
    for (const file of own) {
      const bytes = readFileSync(file);
      expect([file, found(bytes, secrets)]).toEqual([file, []]);
      expect([file, found(bytes, values)]).toEqual([file, []]);
    }
    // The search finds what is there.
    const registers = files(hub.dataDir).filter((file) => /\/agency_moi\.db/.test(file));
    if (registers.length > 0)
      expect(found(Buffer.concat(registers.map((file) => readFileSync(file))), ['T299999139'])).toEqual(['T299999139']);
  });

  it('in the hub’s own files: no access token, no key of a proof', () => {
    const own = files(hub.dataDir).filter((file) => !/\/dev\//.test(file));
    for (const { authorization } of [student, adult]) {
      const parts = [
        authorization.accessToken,
        authorization.accessToken.split('.')[2] ?? '',
        authorization.dpop.d ?? '',
        authorization.refreshToken ?? '',
      ];
      for (const file of own) expect([file, parts.filter((part) => part !== '' && readFileSync(file).includes(part))]).toEqual([file, []]);
    }
  });

  it('in what the hub printed: none of it either', () => {
    const printed = Buffer.from(hub.output());
    expect(found(printed, secrets)).toEqual([]);
    expect(found(printed, values)).toEqual([]);
    expect(hub.output()).not.toMatch(/eyJ[A-Za-z0-9_-]{10}/);
    expect(hub.output()).not.toContain(student.authorization.consent);
  });
});
