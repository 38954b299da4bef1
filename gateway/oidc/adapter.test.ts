import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Model } from 'mongoose';
import { errors, type Adapter, type AdapterFactory } from 'oidc-provider';
import { openHubDatabase, type HubDatabase } from '../../test/fixtures/hubDatabase.ts';
import { createAdapter, SeenBefore, sweepArtifacts } from './adapter.ts';
import { openOidcArtifacts, type OidcArtifact } from './oidcArtifact.ts';

const START = Date.UTC(2026, 0, 15, 8);
const END = START / 1000 + 60;

let database: HubDatabase;
let artifacts: Model<OidcArtifact>;
let factory: AdapterFactory;
const clock = { now: START };
beforeAll(async () => {
  database = await openHubDatabase();
  artifacts = await openOidcArtifacts(database.connection);
  factory = createAdapter(artifacts, () => clock.now);
});
afterAll(() => database.close());

const adapter = (model: string): Adapter => factory(model);
const settle = (count: number, work: () => Promise<unknown>) => Promise.allSettled(Array.from({ length: count }, work));

describe('what oidc-provider keeps', () => {
  it('is found by its id, in its own model, and gone when destroyed', async () => {
    const grants = adapter('Grant');
    await grants.upsert('id-1', { jti: 'id-1', accountId: 'subject', exp: END }, 60);
    expect(await grants.find('id-1')).toEqual({ jti: 'id-1', accountId: 'subject', exp: END });
    expect(await adapter('Session').find('id-1')).toBeUndefined();
    await grants.upsert('id-1', { jti: 'id-1', accountId: 'subject', exp: END + 1 }, 61);
    expect(await grants.find('id-1')).toMatchObject({ exp: END + 1 });
    await grants.destroy('id-1');
    expect(await grants.find('id-1')).toBeUndefined();
  });

  it('finds sessions by their inner id, without the cookie’s', async () => {
    await adapter('Session').upsert('cookie-secret', { jti: 'cookie-secret', uid: 'inner', accountId: 'subject', exp: END }, 60);
    expect(await adapter('Session').findByUid('inner')).toEqual({ uid: 'inner', accountId: 'subject', exp: END });
    expect(await adapter('Session').findByUid('other')).toBeUndefined();
  });

  it('knows no client but the registered ones, and no user codes', async () => {
    expect(await adapter('Client').find('anybody')).toBeUndefined();
    expect(await adapter('DeviceCode').findByUserCode('ABCD')).toBeUndefined();
  });

  it('keeps no id that somebody could present', async () => {
    const interaction = {
      jti: 'interaction-secret',
      returnTo: 'https://hub.example/oidc/auth/interaction-secret',
      session: { cookie: 'cookie-secret', uid: 'inner' },
      exp: END,
    };
    await adapter('Interaction').upsert('interaction-secret', interaction, 60);
    await adapter('AuthorizationCode').upsert('code-secret', { jti: 'code-secret', grantId: 'grant', exp: END }, 60);
    const stored = JSON.stringify(await artifacts.find({}).lean());
    expect(stored).not.toContain('secret');
    expect(await adapter('Interaction').find('interaction-secret')).toMatchObject({
      returnTo: interaction.returnTo,
      session: { uid: 'inner' },
    });
  });

  it('goes with its grant, its own model only', async () => {
    await adapter('AuthorizationCode').upsert('c', { jti: 'c', grantId: 'g', exp: END }, 60);
    await adapter('RefreshToken').upsert('r', { jti: 'r', grantId: 'g', exp: END }, 60);
    await adapter('AuthorizationCode').revokeByGrantId('g');
    expect(await adapter('AuthorizationCode').find('c')).toBeUndefined();
    expect(await adapter('RefreshToken').find('r')).toBeDefined();
  });
});

describe('what is good once', () => {
  it('is consumed by exactly one of two hundred', async () => {
    const codes = adapter('AuthorizationCode');
    await codes.upsert('once', { jti: 'once', grantId: 'g', exp: END }, 60);
    const results = await settle(200, () => codes.consume('once'));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.every((result) => result.status === 'fulfilled' || result.reason instanceof errors.InvalidGrant)).toBe(true);
    expect(await codes.find('once')).toMatchObject({ consumed: START / 1000 });
    await codes.upsert('once', { jti: 'once', grantId: 'g', exp: END }, 60);
    await expect(codes.consume('once')).rejects.toBeInstanceOf(errors.InvalidGrant);
  });

  it('cannot be consumed when it never was', async () => {
    await expect(adapter('AuthorizationCode').consume('never')).rejects.toBeInstanceOf(errors.InvalidGrant);
    await expect(adapter('PushedAuthorizationRequest').consume('never')).rejects.toBeInstanceOf(errors.InvalidRequestUri);
  });

  it('is seen by exactly one of two hundred, until its time is over', async () => {
    const seen = adapter('ReplayDetection');
    const results = await settle(200, () => seen.upsert('jti', { jti: 'jti', exp: END }, 60));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.every((result) => result.status === 'fulfilled' || result.reason instanceof SeenBefore)).toBe(true);
    clock.now = (END + 1) * 1000;
    const later = await settle(20, () => seen.upsert('jti', { jti: 'jti', exp: END + 61 }, 60));
    expect(later.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    clock.now = START;
  });
});

describe('sweeping', () => {
  it('takes what is over, and leaves a pushed request while an interaction may ask for it', async () => {
    await adapter('PushedAuthorizationRequest').upsert('par', { jti: 'par', request: 'x', exp: END }, 60);
    await adapter('AuthorizationCode').upsert('old', { jti: 'old', exp: END }, 60);
    await adapter('Session').upsert('live', { jti: 'live', exp: END + 3600 }, 3660);
    await sweepArtifacts(artifacts, (END + 1) * 1000);
    expect(await adapter('AuthorizationCode').find('old')).toBeUndefined();
    expect(await adapter('PushedAuthorizationRequest').find('par')).toBeDefined();
    expect(await adapter('Session').find('live')).toBeDefined();
    await sweepArtifacts(artifacts, (END + 3601) * 1000);
    expect(await adapter('PushedAuthorizationRequest').find('par')).toBeUndefined();
  });
});
