import { describe, expect, it } from '@jest/globals';
import { consent, CONTRACT, DAY, HER, NOW, service, statement } from '../../test/abuse/consentWorld.ts';
import { PURPOSES } from './purpose.ts';
import { receipt } from './receipt.ts';

const given = consent({
  statements: [statement({ 'mohw.aid': ['category'] }), statement({ 'mohw.aid': ['illness'] }, { kind: 'SPECIAL' })],
  history: [
    { kind: 'REQUESTED', version: 1, at: NOW - 1 },
    { kind: 'GRANTED', version: 3, at: NOW },
    { kind: 'NARROWED', version: 4, at: NOW + 1 },
    { kind: 'EXPIRED', version: 5, at: NOW + DAY },
  ],
});
const made = receipt({
  consent: given,
  service: service(),
  contract: CONTRACT,
  issuer: 'https://hub.example',
  manageAt: 'https://hub.example/me',
  subject: 'pseudonym',
  now: NOW + DAY,
});

describe('receipt', () => {
  it('has the sections of ISO/IEC TS 27560: header, processing, parties, events', () => {
    expect(made).toMatchObject({
      '@type': 'dpv:ConsentReceipt',
      'dct:identifier': `${given._id}:3`,
      'dct:conformsTo': 'https://w3id.org/dpv/schema/dpv-27560#receipt',
      'dct:created': '2019-12-21T00:00:00.000Z',
      'dpv:hasRecordOfActivity': {
        '@type': 'dpv:ConsentRecord',
        'dpv:hasDataSubject': { '@id': 'urn:mydata:subject:pseudonym' },
        'dpv:hasDataController': { '@id': 'urn:mydata:provider:moe.unit' },
        'dpv:hasProcess': [
          {
            'dpv:hasLegalBasis': { '@type': 'dpv:ExpressedConsent' },
            'dpv:hasPersonalData': [{ '@id': 'urn:mydata:scope:mohw.aid:category', '@type': 'dpv:PersonalData' }],
          },
          {
            'dpv:hasLegalBasis': { '@type': 'dpv:ExplicitlyExpressedConsent' },
            'dpv:hasPersonalData': [{ '@type': 'dpv:SpecialCategoryPersonalData' }],
          },
        ],
        'dpv:hasNotice': { '@type': 'dpv:ConsentNotice', 'mydata:sha256': 'screen' },
        'dpv:hasConsentStatus': [
          { '@type': 'dpv:ConsentRequested' },
          { '@type': 'dpv:ConsentGiven', 'dpv:isIndicatedBy': 'dpv:DataSubject', 'dpv:isIndicatedAtTime': '2019-12-20T00:00:00.000Z' },
          { '@type': 'dpv:ConsentStatus', 'mydata:event': 'NARROWED' },
          { '@type': 'dpv:ConsentExpired' },
        ],
      },
    });
  });

  it('does not carry the id by which agencies know her', () => {
    expect(JSON.stringify(made)).not.toContain(HER);
  });

  it('names a purpose by its DPV term beside the PDPA’s number', () => {
    expect(made).toMatchObject({
      'dpv:hasRecordOfActivity': {
        'dpv:hasProcess': [{ 'dpv:hasPurpose': { '@id': 'dpv:RequestedServiceProvision', 'mydata:pdpaPurpose': '109' } }, {}],
      },
    });
    for (const { pdpa, code } of PURPOSES)
      expect([pdpa, code]).toEqual([expect.stringMatching(/^\d{3}$/), expect.stringMatching(/^dpv:[A-Z]\w+$/)]);
  });
});
