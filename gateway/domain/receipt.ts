import type { Contract } from '../../schema/contract.ts';
import type { Consent, Service, Statement } from './consent.ts';
import { leafAt } from './registration.ts';

/** Signs a receipt: compact JWS (RFC 7515) over its JSON, made with the hub's receipt key. */
export type SignReceipt = (receipt: Receipt) => Promise<string>;

/** JSON-LD node; the profile of ISO/IEC TS 27560 in the terms of the Data Privacy Vocabulary. */
export type Receipt = Readonly<Record<string, unknown>>;

interface ReceiptInput {
  readonly consent: Consent;
  readonly service: Service;
  readonly contract: Contract;
  /** The hub's issuer URL: who publishes the receipt. */
  readonly issuer: string;
  /** Where consent is withdrawn, and who-saw-what is read. */
  readonly manageAt: string;
  /** Her pseudonym in receipts: never the DataSubject id that warrants and agencies use. */
  readonly subject: string;
  /** When the receipt is made, milliseconds since the epoch. */
  readonly now: number;
}

const CONTEXT = {
  dpv: 'https://w3id.org/dpv#',
  loc: 'https://w3id.org/dpv/loc#',
  dct: 'http://purl.org/dc/terms/',
  schema: 'https://schema.org/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  mydata: 'urn:mydata:',
};

const PROFILE = 'https://w3id.org/dpv/schema/dpv-27560';

/** DPV status of each change that is a change of consent's status. */
const STATUS: Readonly<Partial<Record<Consent['history'][number]['kind'], string>>> = {
  REQUESTED: 'dpv:ConsentRequested',
  GRANTED: 'dpv:ConsentGiven',
  DECLINED: 'dpv:ConsentRefused',
  WITHDRAWN: 'dpv:ConsentWithdrawn',
  EXPIRED: 'dpv:ConsentExpired',
  USED_UP: 'dpv:ConsentExpired',
  SUPERSEDED: 'dpv:ConsentStatusInvalidForProcessing',
  SUSPENDED: 'dpv:ConsentStatusInvalidForProcessing',
  RESUMED: 'dpv:ConsentStatusValidForProcessing',
};

/** Changes that the data subject makes herself. */
const HER_OWN: ReadonlySet<Consent['history'][number]['kind']> = new Set([
  'GRANTED',
  'DECLINED',
  'WITHDRAWN',
  'NARROWED',
  'SHORTENED',
  'STEPPED_UP',
]);

/**
 * The data subject's copy: who may read which fields, why, on what basis and until when, and everything that happened to the consent so far
 * (ISO/IEC TS 27560:2023, sections header, processing, parties, events; DPV guide "consent-27560"). No value of any field is in it.
 */
export function receipt({ consent, service, contract, issuer, manageAt, subject, now }: ReceiptInput): Receipt {
  const id = `urn:mydata:consent:${consent._id}`;
  return {
    '@context': CONTEXT,
    '@id': `urn:mydata:receipt:${consent._id}:${consent.version}`,
    '@type': 'dpv:ConsentReceipt',
    'dct:identifier': `${consent._id}:${consent.version}`,
    'dct:conformsTo': `${PROFILE}#receipt`,
    'dct:created': time(now),
    'dct:publisher': issuer,
    'dct:audience': 'dpv:DataSubject',
    'dpv:hasRecordOfActivity': {
      '@id': id,
      '@type': 'dpv:ConsentRecord',
      'dct:identifier': consent._id,
      'dct:hasVersion': String(consent.version),
      'dct:conformsTo': `${PROFILE}#record`,
      'dpv:hasDataSubject': { '@id': `urn:mydata:subject:${subject}`, '@type': 'dpv:DataSubject' },
      'dpv:hasDataController': {
        '@id': `urn:mydata:provider:${consent.provider}`,
        '@type': 'dpv:DataController',
        'schema:name': languages(service.providerName),
      },
      'dpv:hasJurisdiction': 'loc:TW',
      'dpv:hasApplicableLaw': languages({ 'zh-TW': '個人資料保護法', en: 'Personal Data Protection Act (PDPA)' }),
      'dpv:hasProcess': consent.statements.map((statement) => processOf(statement, consent, service, contract)),
      'dpv:hasNotice': { '@type': 'dpv:ConsentNotice', 'mydata:sha256': consent.screen },
      'dpv:hasConsentControl': { '@type': ['dpv:WithdrawConsent'], 'dpv:isExercisedAt': manageAt },
      'dpv:hasConsentStatus': consent.history.map(({ kind, at }) => ({
        '@type': STATUS[kind] ?? 'dpv:ConsentStatus',
        'mydata:event': kind,
        ...(HER_OWN.has(kind) ? { 'dpv:isIndicatedBy': 'dpv:DataSubject' } : {}),
        'dpv:isIndicatedAtTime': time(at),
      })),
      'dpv:hasDuration': { '@type': 'dpv:TemporalDuration', 'dct:valid': `${time(consent.notBefore)}/${time(consent.notAfter)}` },
      'dpv:hasFrequency':
        consent.maxUses === null ? 'dpv:OftenFrequency' : { '@type': 'dpv:SporadicFrequency', 'rdf:value': consent.maxUses },
    },
  };
}

const LEGAL_BASIS: Readonly<Record<Statement['kind'], string>> = {
  ORDINARY: 'dpv:ExpressedConsent',
  SPECIAL: 'dpv:ExplicitlyExpressedConsent',
  THIRD_PARTY: 'dpv:ExpressedConsent',
};

function processOf(statement: Statement, consent: Consent, service: Service, contract: Contract): Receipt {
  const fields = Object.entries(statement.fields).flatMap(([dataset, paths]) =>
    paths.map((path) => {
      const leaf = leafAt(contract, dataset, path);
      return {
        '@id': `urn:mydata:scope:${dataset}:${path}`,
        '@type': statement.kind === 'SPECIAL' ? 'dpv:SpecialCategoryPersonalData' : 'dpv:PersonalData',
        ...(leaf === undefined ? {} : { 'dct:title': languages(leaf.description) }),
      };
    }),
  );
  return {
    '@type': 'dpv:Process',
    'dct:title': languages(service.name),
    'dpv:hasPurpose': {
      '@id': consent.purpose.code,
      'dct:description': languages(service.purpose.text),
      'mydata:pdpaPurpose': service.purpose.pdpa,
    },
    'dpv:hasLegalBasis': { '@type': LEGAL_BASIS[statement.kind], 'dct:description': statement.legalBasis },
    'dpv:hasPersonalData': fields,
    'dpv:hasRecipient': `urn:mydata:provider:${consent.provider}`,
    'dpv:hasDataSource': [...new Set(Object.keys(statement.fields).map((dataset) => contract.datasets.get(dataset)?.unit ?? dataset))].map(
      (unit) => `urn:mydata:unit:${unit}`,
    ),
    'mydata:provedBy': { method: statement.proof.method, assurance: statement.proof.assurance, at: time(statement.proof.authTime * 1000) },
  };
}

const time = (at: number): string => new Date(at).toISOString();
const languages = (text: { readonly 'zh-TW': string; readonly en: string }) => [
  { '@language': 'zh-TW', '@value': text['zh-TW'] },
  { '@language': 'en', '@value': text.en },
];
