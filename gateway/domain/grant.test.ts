import { describe, expect, it } from '@jest/globals';
import { consent, CONTRACT, EVERYTHING, HER, HIM, NOW, proof, service } from '../../test/abuse/consentWorld.ts';
import type { Consent, IdentityProof } from './consent.ts';
import { endOf } from './duration.ts';
import { grant, type Agreement } from './grant.ts';

const asked = (proofs: IdentityProof[], fields = EVERYTHING): Consent =>
  consent({ state: 'REQUESTED', grantedBy: null, screen: null, proofs, requested: { fields, duration: 'P3M' }, notAfter: NOW + 3_600_000 });
const wish = { subject: HER, now: NOW + 60_000 };
const CERTIFICATE = [proof('citizen-certificate')];
const agree = (agreed: Agreement['agreed'], members: Partial<Agreement> = {}, request = asked(CERTIFICATE), of = service()) =>
  grant(request, { agreement: { agreed, acts: [], screen: 's', ...members }, service: of, contract: CONTRACT }, wish);

describe('grant', () => {
  it('makes an active consent of exactly what was ticked, from now on, for no longer than asked', () => {
    const change = agree({ 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] });
    expect(change).toMatchObject({
      kind: 'CHANGED',
      next: {
        state: 'ACTIVE',
        grantedBy: { subject: HER, capacity: 'SELF' },
        notBefore: wish.now,
        notAfter: endOf('P3M', wish.now),
        screen: 's',
        statements: [
          {
            kind: 'ORDINARY',
            legalBasis: 'PDPA art. 15(2)（中文） | PDPA art. 15(2)',
            proof: proof('citizen-certificate'),
            fields: { 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] },
          },
        ],
      },
    });
    expect(agree({ 'mohw.aid': ['category', 'until'] }, { duration: 'P7D' })).toMatchObject({ next: { notAfter: endOf('P7D', wish.now) } });
  });

  it('keeps each kind, and each proof, in a statement of its own', () => {
    const two = asked([proof('multi-factor'), proof('otp-sms')]);
    const change = agree({ 'mohw.aid': ['category', 'until', 'head'], 'moi.person': ['name'] }, { acts: ['THIRD_PARTY'] }, two);
    expect(change).toMatchObject({
      next: {
        statements: [
          { kind: 'ORDINARY', proof: { method: 'otp-sms' } },
          { kind: 'THIRD_PARTY', fields: { 'mohw.aid': ['head'] } },
        ],
      },
    });
    const special = agree({ 'mohw.aid': ['category', 'until', 'illness'] }, { acts: ['SPECIAL'] });
    expect(special).toMatchObject({
      next: { statements: [{ kind: 'ORDINARY' }, { kind: 'SPECIAL', legalBasis: expect.stringContaining('PDPA art. 6(1)(6)') }] },
    });
  });

  it.each<[string, ReturnType<typeof agree>, string]>([
    ['nothing agreed', agree({}), 'CONSENT_INCOMPLETE'],
    ['a required field left out', agree({ 'mohw.aid': ['category'] }), 'CONSENT_INCOMPLETE'],
    ['a special field without its act', agree({ 'mohw.aid': ['category', 'until', 'illness'] }), 'CONSENT_INCOMPLETE'],
    [
      'a third-party field with another act',
      agree({ 'mohw.aid': ['category', 'until', 'head'] }, { acts: ['SPECIAL'] }),
      'CONSENT_INCOMPLETE',
    ],
    [
      'a field not asked for',
      agree({ 'mohw.aid': ['category', 'until'] }, {}, asked(CERTIFICATE, { 'mohw.aid': ['category'] })),
      'CONSENT_WIDENS',
    ],
    ['a field nobody offers', agree({ 'mohw.aid': ['category', 'until', 'no'] }), 'CONSENT_WIDENS'],
    [
      'a field no longer registered',
      agree({ 'mohw.aid': ['category', 'until'] }, {}, asked(CERTIFICATE), service({ datasets: [] })),
      'CONSENT_WIDENS',
    ],
    ['a longer time', agree({ 'mohw.aid': ['category', 'until'] }, { duration: 'P4M' }), 'CONSENT_WIDENS'],
    ['no time', agree({ 'mohw.aid': ['category', 'until'] }, { duration: 'forever' }), 'CONSENT_WIDENS'],
    [
      'a field that no proof of hers opens',
      agree({ 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] }, {}, asked([proof('multi-factor')])),
      'ASSURANCE_TOO_LOW',
    ],
    [
      'a suspended service',
      agree({ 'mohw.aid': ['category', 'until'] }, {}, asked(CERTIFICATE), service({ state: 'SUSPENDED' })),
      'SERVICE_SUSPENDED',
    ],
    ['a consent given already', agree({ 'mohw.aid': ['category', 'until'] }, {}, consent()), 'CONSENT_STATE'],
    [
      'a request whose hour is over',
      agree({ 'mohw.aid': ['category', 'until'] }, {}, { ...asked(CERTIFICATE), notAfter: wish.now }),
      'CONSENT_STATE',
    ],
    [
      'somebody else’s request',
      agree({ 'mohw.aid': ['category', 'until'] }, {}, { ...asked(CERTIFICATE), subject: HIM }),
      'CONSENT_UNKNOWN',
    ],
    ['nobody’s request', agree({ 'mohw.aid': ['category', 'until'] }, {}, { ...asked(CERTIFICATE), subject: null }), 'CONSENT_UNKNOWN'],
  ])('refuses %s', (_name, change, code) => {
    expect(change).toMatchObject({ kind: 'REFUSED', code });
  });

  it('lets what her method cannot open block nothing, and special and third-party data be no condition', () => {
    const student = asked([proof('multi-factor')]);
    expect(agree({ 'mohw.aid': ['category', 'until'] }, {}, student)).toMatchObject({ kind: 'CHANGED' });
    const poor = asked([proof('multi-factor')], { 'mohw.aid': ['category'], 'mof.income': ['total'] });
    const strict = service({ datasets: service().datasets.map((entry) => ({ ...entry, necessity: 'REQUIRED' as const })) });
    expect(agree({ 'mohw.aid': ['category'] }, {}, poor, strict)).toMatchObject({ kind: 'CHANGED' });
  });
});
