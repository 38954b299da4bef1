import { describe, expect, it } from '@jest/globals';
import { consent, CONTRACT, EVERYTHING, NOW, proof, service } from '../../test/abuse/consentWorld.ts';
import type { Consent, IdentityProof } from './consent.ts';
import { screenHash, screenModel } from './screenModel.ts';

const asked = (proofs: IdentityProof[], fields = EVERYTHING): Consent =>
  consent({ state: 'REQUESTED', grantedBy: null, screen: null, proofs, requested: { fields, duration: 'P3M' }, notAfter: NOW + 3_600_000 });
const CERTIFICATE = [proof('citizen-certificate')];

describe('the consent screen', () => {
  const shown = (proofs: IdentityProof[]) =>
    screenModel({ consent: asked(proofs), service: service(), contract: CONTRACT, language: 'zh-TW' });
  const fieldOf = (model: ReturnType<typeof shown>, path: string) =>
    model.acts.flatMap(({ datasets }) => datasets.flatMap(({ fields }) => fields)).find((field) => field.path === path);

  it('names the service row’s requester as who asks, and every asked field once', () => {
    const model = shown(CERTIFICATE);
    expect(model.requester).toEqual({ id: 'moe.unit', name: service().providerName, isSelf: false });
    const scopes = model.acts.flatMap(({ datasets }) => datasets.flatMap(({ id, fields }) => fields.map(({ path }) => `${id}:${path}`)));
    expect(scopes.sort()).toEqual(
      Object.entries(EVERYTHING)
        .flatMap(([id, paths]) => paths.map((path) => `${id}:${path}`))
        .sort(),
    );
    expect(model.acts.map(({ kind }) => kind)).toEqual(['ORDINARY', 'SPECIAL', 'THIRD_PARTY']);
    expect(model.acts[1]?.datasets.map(({ id }) => id)).toEqual(['mohw.aid', 'mof.income']);
  });

  it('fixes only required, ordinary fields that can be opened: nothing else starts ticked', () => {
    const model = shown([proof('multi-factor')]);
    expect(
      [fieldOf(model, 'category'), fieldOf(model, 'name'), fieldOf(model, 'illness'), fieldOf(model, 'head')].map((field) => [
        field?.openable,
        field?.fixed,
      ]),
    ).toEqual([
      [true, true],
      [false, false],
      [false, false],
      [true, false],
    ]);
  });

  it('says which methods would open what is closed, and offers them weakest first', () => {
    const model = shown([proof('multi-factor')]);
    expect(fieldOf(model, 'name')?.openedBy.map(({ id }) => id)).toEqual(['otp-sms', 'citizen-certificate']);
    expect(fieldOf(model, 'category')?.openedBy).toEqual([]);
    expect(model.stepUps.map(({ id }) => id)).toEqual(['nhi-card', 'otp-sms', 'citizen-certificate']);
    expect(shown(CERTIFICATE).stepUps).toEqual([]);
  });

  it('has the six notices of PDPA art. 8 and what refusing means, in both languages', () => {
    const model = shown(CERTIFICATE);
    expect(model.notices.map(({ article }) => article)).toEqual(['8(1)(1)', '8(1)(2)', '8(1)(3)', '8(1)(4)', '8(1)(5)', '8(1)(6)']);
    for (const { text } of model.notices) expect([text['zh-TW'], text.en].every((words) => words.length > 0)).toBe(true);
    expect(model.refusing.en).toContain('no adverse effect');
  });

  it('hashes to the same for the same screen, and to another for anything that differs', () => {
    const one = screenHash(shown(CERTIFICATE));
    expect(screenHash(shown(CERTIFICATE))).toBe(one);
    expect(screenHash(shown([proof('citizen-certificate', 1)]))).toBe(one);
    const others = [
      shown([proof('otp-sms')]),
      screenModel({ consent: asked(CERTIFICATE), service: service(), contract: CONTRACT, language: 'en' }),
      screenModel({ consent: asked(CERTIFICATE), service: service({ version: 2 }), contract: CONTRACT, language: 'zh-TW' }),
      screenModel({ consent: asked(CERTIFICATE, { 'mohw.aid': ['category'] }), service: service(), contract: CONTRACT, language: 'zh-TW' }),
    ];
    expect(new Set([one, ...others.map(screenHash)]).size).toBe(5);
  });

  it('shows nothing beyond the registration, whatever the request says', () => {
    const model = screenModel({ consent: asked(CERTIFICATE), service: service({ datasets: [] }), contract: CONTRACT, language: 'en' });
    expect(model.acts).toEqual([]);
  });
});
