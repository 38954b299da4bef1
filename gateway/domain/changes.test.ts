import { describe, expect, it } from '@jest/globals';
import { consent, CONTRACT, DAY, HER, HIM, NOW, proof, smallContract, statement } from '../../test/abuse/consentWorld.ts';
import { agreedFields, bind, decline, expire, narrow, shorten, stepUp, supersede, useUp, withdraw, type Change } from './changes.ts';
import type { Consent } from './consent.ts';
import { REPEAT_MS } from './use.ts';

const given = consent({ statements: [statement({ 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] })] });
const request = consent({
  state: 'REQUESTED',
  subject: null,
  grantedBy: null,
  version: 1,
  screen: null,
  history: [{ kind: 'REQUESTED', version: 1, at: NOW }],
});
const hers = { subject: HER, now: NOW + DAY, request: 'r1' };
const his = { subject: HIM, now: NOW + DAY };

function next(change: Change): Consent {
  if (change.kind !== 'CHANGED') throw new Error(JSON.stringify(change));
  return change.next;
}

describe('changes of a consent', () => {
  it('treats a foreign consent as an unknown one', () => {
    const unknown = { kind: 'REFUSED', code: 'CONSENT_UNKNOWN' };
    expect(withdraw(given, his)).toEqual(unknown);
    expect(narrow(given, {}, his)).toEqual(unknown);
    expect(shorten(given, NOW + 2 * DAY, his)).toEqual(unknown);
    expect(stepUp(given, proof('otp-sms'), CONTRACT, his)).toEqual(unknown);
    expect(decline({ ...request, subject: HER }, his)).toEqual(unknown);
    expect(bind({ ...request, subject: HER }, proof('otp-sms'), CONTRACT, his)).toEqual(unknown);
    expect(withdraw(request, hers)).toEqual(unknown);
  });

  it('goes up by one version with each change, and puts its event into history and outbox', () => {
    const after = next(withdraw(given, hers));
    expect([after.version, after.state]).toEqual([4, 'WITHDRAWN']);
    expect(after.history).toEqual([{ kind: 'WITHDRAWN', version: 4, at: NOW + DAY }]);
    expect(after.outbox).toEqual([{ kind: 'WITHDRAWN', version: 4, at: NOW + DAY, fields: agreedFields(given), request: 'r1' }]);
  });

  it('takes withdrawing twice, or what has ended already, for no error and no change', () => {
    for (const state of ['WITHDRAWN', 'EXPIRED', 'USED_UP', 'SUPERSEDED', 'DECLINED'] as const)
      expect(withdraw({ ...given, state }, hers)).toEqual({ kind: 'UNCHANGED' });
    expect(next(withdraw({ ...given, state: 'SUSPENDED' }, hers)).state).toBe('WITHDRAWN');
    expect(next(withdraw({ ...request, subject: HER }, hers)).state).toBe('DECLINED');
  });

  it('narrows in every statement, keeps the id, and withdraws with the last field', () => {
    const twice = { ...given, statements: [...given.statements, statement({ 'moi.person': ['name'] }, { proof: proof('otp-sms') })] };
    const after = next(narrow(twice, { 'moi.person': ['name'] }, hers));
    expect([after._id, after.state, agreedFields(after)]).toEqual([given._id, 'ACTIVE', { 'mohw.aid': ['category', 'until'] }]);
    expect(next(narrow(given, agreedFields(given), hers)).state).toBe('WITHDRAWN');
    expect(narrow(given, { 'mof.income': ['year'] }, hers)).toEqual({ kind: 'UNCHANGED' });
    expect(narrow({ ...given, state: 'WITHDRAWN' }, { 'moi.person': ['name'] }, hers)).toMatchObject({ code: 'CONSENT_STATE' });
    expect(narrow(given, { 'moi.person': ['name'] }, { ...hers, now: given.notAfter })).toMatchObject({ code: 'CONSENT_STATE' });
  });

  it('takes no amendment without end, and a withdrawal always', () => {
    const amended = {
      ...given,
      history: Array.from({ length: 500 }, (_, index) => ({ kind: 'SHORTENED' as const, version: index, at: NOW })),
    };
    expect(shorten(amended, NOW + 2 * DAY, hers)).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(next(withdraw(amended, hers)).state).toBe('WITHDRAWN');
  });

  it('shortens, never lengthens', () => {
    expect(next(shorten(given, NOW + 2 * DAY, hers)).notAfter).toBe(NOW + 2 * DAY);
    expect(shorten(given, given.notAfter, hers)).toEqual({ kind: 'UNCHANGED' });
    expect(shorten(given, given.notAfter + 1, hers)).toMatchObject({ code: 'CONSENT_WIDENS' });
    expect(shorten(given, Number.NaN, hers)).toMatchObject({ code: 'REQUEST_MALFORMED' });
  });

  it('binds a request to the first who logs in, and says only then that she was asked', () => {
    const bound = next(bind(request, proof('multi-factor'), CONTRACT, { ...hers, now: NOW + 1 }));
    expect(bound).toMatchObject({
      subject: HER,
      version: 2,
      proofs: [proof('multi-factor')],
      outbox: [{ kind: 'REQUESTED', version: 1, request: 'r1' }],
    });
    expect(bind(bound, proof('multi-factor'), CONTRACT, hers)).toEqual({ kind: 'UNCHANGED' });
    const fresher = next(bind(bound, proof('multi-factor', NOW / 1000 + 60), CONTRACT, hers));
    expect([fresher.version, fresher.proofs, fresher.history.length]).toEqual([3, [proof('multi-factor', NOW / 1000 + 60)], 1]);
    expect(next(bind(bound, proof('citizen-certificate'), CONTRACT, hers)).history.at(-1)).toMatchObject({ kind: 'STEPPED_UP' });
    expect(bind(request, proof('otp-sms'), CONTRACT, { ...hers, now: request.notAfter })).toMatchObject({ code: 'CONSENT_STATE' });
    expect(bind(given, proof('otp-sms'), CONTRACT, hers)).toMatchObject({ code: 'CONSENT_STATE' });
  });

  it('steps up only the fields whose own proof no longer opens them, and adds none', () => {
    const stricter = smallContract((datasets) =>
      datasets.map((one) => ({
        ...one,
        leaves: one.leaves.map((leaf) => (leaf.path === 'until' ? { ...leaf, methods: ['citizen-certificate'] } : leaf)),
      })),
    );
    const weak = consent({ statements: [statement({ 'mohw.aid': ['category', 'until'] }, { proof: proof('multi-factor') })] });
    const after = next(stepUp(weak, proof('citizen-certificate'), stricter, hers));
    expect(after.statements.map(({ proof: { method }, fields }) => [method, fields])).toEqual([
      ['multi-factor', { 'mohw.aid': ['category'] }],
      ['citizen-certificate', { 'mohw.aid': ['until'] }],
    ]);
    expect(agreedFields(after)).toEqual(agreedFields(weak));
    const useless = next(stepUp(weak, proof('otp-sms'), stricter, hers));
    expect(useless.statements).toEqual(weak.statements);
  });

  it('ends when its time is over, not before', () => {
    expect(expire(given, given.notAfter - 1)).toEqual({ kind: 'UNCHANGED' });
    expect(next(expire(given, given.notAfter)).state).toBe('EXPIRED');
    expect(expire({ ...given, state: 'WITHDRAWN' }, given.notAfter)).toEqual({ kind: 'UNCHANGED' });
  });

  it('is used up when its slots are taken and none may repeat any more', () => {
    const used = { ...given, maxUses: 1, uses: [{ grant: 'g', documentHash: 'd', variablesHash: 'v', at: NOW }] };
    expect(useUp(used, NOW + REPEAT_MS - 1)).toEqual({ kind: 'UNCHANGED' });
    expect(next(useUp(used, NOW + REPEAT_MS)).state).toBe('USED_UP');
    expect(useUp({ ...used, maxUses: null }, NOW + REPEAT_MS)).toEqual({ kind: 'UNCHANGED' });
  });

  it('gives way to a newer consent that covers it, of the same subject, client and service only', () => {
    const newer = { ...given, _id: 'bmV3ZXItY29uc2VudC0xMg', notBefore: NOW + 5 };
    expect(next(supersede(given, newer, NOW + 6)).state).toBe('SUPERSEDED');
    expect(supersede(given, { ...newer, statements: [statement({ 'mohw.aid': ['category'] })] }, NOW + 6)).toEqual({ kind: 'UNCHANGED' });
    for (const other of [
      { client: 'bank' },
      { subject: HIM },
      { service: { id: 'x', version: 1 } },
      { state: 'WITHDRAWN' as const },
      { mode: 'ONE_TIME' as const },
      { notBefore: NOW - 1 },
    ]) {
      expect(supersede(given, { ...newer, ...other }, NOW + 6)).toEqual({ kind: 'UNCHANGED' });
    }
    expect(supersede(given, given, NOW + 6)).toEqual({ kind: 'UNCHANGED' });
  });
});
