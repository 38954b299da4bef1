import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ANNA,
  ANNAS_MOBILE,
  bindAnnasMobile,
  context,
  NOBODY,
  openIdentityHub,
  submitFirst,
  type IdentityHub,
} from '../../test/fixtures/identityHub.ts';
import type { Proved } from './identityMethod.ts';
import { openIdentity } from './openIdentity.ts';

const proof: Proved = { kind: 'PROVED', nid: ANNA, method: 'multi-factor', assurance: 'LOW', authTime: 1_768_464_000 };
const factors = { nationalId: ANNA.value, nhiCardNumber: '000000000001', householdNumber: 'F9999901' };
let hub: IdentityHub;
beforeAll(async () => {
  hub = await openIdentityHub();
});
afterAll(() => hub.close());

describe('a proof', () => {
  it('makes a data subject once, with an id that says nothing', async () => {
    const first = await hub.identity.prove(proof, { request: 'r' });
    const again = await hub.identity.prove({ ...proof, method: 'citizen-certificate', assurance: 'HIGH' }, { request: 'r' });
    expect(first).toEqual({
      subject: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      proof: { method: 'multi-factor', assurance: 'LOW', authTime: proof.authTime },
    });
    expect(again.subject).toBe(first.subject);
    expect(await hub.identity.readSubject(first.subject)).toEqual({ state: 'ACTIVE', nid: ANNA });
  });

  it('is in the audit log before anybody is logged in', async () => {
    const { subject } = await hub.identity.prove(proof, { request: 'request-9' });
    expect(hub.entries.at(-1)).toEqual({
      kind: 'LOGIN',
      request: 'request-9',
      at: hub.clock.now,
      subject,
      method: 'multi-factor',
      outcome: 'PROVED',
    });
    const broken = await openIdentity({
      ...hub.options,
      audit: { ...hub.options.audit, append: () => Promise.reject(new Error('the log is full')) },
    });
    await expect(broken.prove(proof, { request: 'r' })).rejects.toThrow('the log is full');
  });

  it('is refused after her death, by every method, and not while she is frozen', async () => {
    const { subject } = await hub.identity.prove(proof, { request: 'r' });
    await hub.identity.setSubjectState(subject, 'FROZEN');
    expect(await submitFirst(hub, 'multi-factor', factors)).toMatchObject({ kind: 'PROVED' });
    await hub.identity.setSubjectState(subject, 'DECEASED');
    expect(await submitFirst(hub, 'multi-factor', factors)).toEqual({ kind: 'REFUSED', code: 'IDENTITY_NOT_PROVED' });
    const card = await hub.authority.issue({ holder: 'persona.anna', name: 'Anna', nid: ANNA });
    expect(await submitFirst(hub, 'citizen-certificate', { nationalId: ANNA.value }, card)).toMatchObject({ kind: 'REFUSED' });
    await expect(hub.identity.prove(proof, { request: 'r' })).rejects.toMatchObject({ code: 'IDENTITY_NOT_PROVED' });
    await hub.identity.setSubjectState(subject, 'ACTIVE');
  });
});

describe('a failed login', () => {
  it('is seen by the person it was tried on, if she is a data subject; nobody else is written down', async () => {
    hub.entries.length = 0;
    await submitFirst(hub, 'multi-factor', { ...factors, nhiCardNumber: '000000000002' });
    await submitFirst(hub, 'multi-factor', { ...factors, nationalId: NOBODY.value });
    expect(hub.entries).toEqual([
      expect.objectContaining({ kind: 'LOGIN', outcome: 'FAILED', method: 'multi-factor', subject: await hub.identity.findSubject(ANNA) }),
    ]);
  });

  it('does not flood the log of the person it is tried on', async () => {
    hub.entries.length = 0;
    for (let turn = 0; turn < 40; turn += 1) await submitFirst(hub, 'multi-factor', { ...factors, nhiCardNumber: '000000000002' });
    expect(hub.entries.length).toBeLessThanOrEqual(10);
    expect(hub.entries.at(-1)).toMatchObject({ outcome: 'LOCKED' });
  });

  it('with a form that is no form is refused', async () => {
    const method = hub.identity.methods.get('multi-factor');
    expect(await method?.submit('x', { nationalId: 'x'.repeat(20_000) }, context())).toEqual({ kind: 'REFUSED', code: 'FORM_INVALID' });
    expect(await method?.submit('x', { nationalId: ['a'] as unknown as string }, context())).toEqual({
      kind: 'REFUSED',
      code: 'FORM_INVALID',
    });
    expect(await method?.submit({ $gt: '' } as unknown as string, factors, context())).toEqual({ kind: 'REFUSED', code: 'FORM_INVALID' });
  });
});

describe('without an SMS gateway', () => {
  it('neither codes nor the binding of a number are offered', async () => {
    const { methods } = await openIdentity({ ...hub.options, sms: null });
    expect([...methods.keys()]).toEqual(['multi-factor', 'citizen-certificate']);
    const { fields } = (await methods.get('citizen-certificate')?.begin({ interaction: 'i', language: 'en' })) ?? { fields: [] };
    expect(fields.map(({ name }) => name)).toEqual(['nationalId', 'signature']);
  });
});

describe('the store', () => {
  it('holds no national ID, no mobile number, no code and no address, in any document or file', async () => {
    await bindAnnasMobile(hub);
    const code = /\d{6}/.exec(hub.messages()[0]?.text ?? '')?.[0] ?? '';
    await submitFirst(hub, 'otp-sms', { nationalId: ANNA.value, mobileNumber: ANNAS_MOBILE });
    await submitFirst(hub, 'multi-factor', { ...factors, nhiCardNumber: '000000000002' });
    const collections = ['subjects', 'bindings', 'proof_steps', 'login_attempts'];
    const models = Object.values(hub.database.connection.models).filter((model) => collections.includes(model.collection.collectionName));
    expect(models).toHaveLength(4);
    const documents = (await Promise.all(models.map((model) => model.find({}).lean()))).flat();
    expect(documents.length).toBeGreaterThanOrEqual(5);
    const files = await Promise.all(
      (await readdir(hub.database.folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(async (entry) => (await readFile(join(entry.parentPath, entry.name))).toString('latin1')),
    );
    for (const text of [JSON.stringify(documents), ...files]) {
      for (const secret of [ANNA.value, ANNAS_MOBILE, NOBODY.value, '192.0.2.1', 'F9999901', '000000000001'])
        expect(text.includes(secret)).toBe(false);
    }
    expect(JSON.stringify(documents)).not.toContain(`"${code}"`);
    expect(documents.every((document) => document['v'] === 1)).toBe(true);
    expect(hub.logged.join('\n')).not.toMatch(/[A-Z][12]\d{8}|09\d{8}/);
  });

  it('forgets logins that were begun, and counters of tries, when their time is over', async () => {
    hub.clock.now += 90_000_000;
    await hub.identity.sweep();
    const left = await Promise.all(['ProofStep', 'LoginAttempts'].map((name) => hub.database.connection.model(name).countDocuments({})));
    expect(left).toEqual([0, 0]);
  });
});
