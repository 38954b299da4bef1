import type { Bilingual } from './bilingual.ts';

export type Assurance = 'LOW' | 'SUBSTANTIAL' | 'HIGH';

/** A way to prove who one is. Datasets decide by their list of accepted methods; assurance is shown to people, never decided on. */
export interface IdentityMethod {
  readonly id: string;
  /** Authentication context class on the wire; names the method. */
  readonly acr: string;
  readonly name: Bilingual;
  /** What the person presents. */
  readonly presents: Bilingual;
  readonly assurance: Assurance;
  /** Authentication method references (RFC 8176, and `sms`, `hwk` as used there). */
  readonly amr: readonly string[];
  readonly represents: 'NATURAL_PERSON' | 'LEGAL_ENTITY';
  /** PLANNED methods may be named by a dataset, but nobody can use them yet. */
  readonly status: 'AVAILABLE' | 'PLANNED';
  /** Step-up asks for the lowest of the accepted methods that the person holds. Null: outside the personal order. */
  readonly stepUpOrder: number | null;
  /** Whether it opens a special-category leaf (PDPA §6) inside an ordinary dataset, where the dataset accepts it at all. */
  readonly opensSpecial: boolean;
  /** The method with which it must first be bound. */
  readonly enrolledWith: string | null;
}

/** The six methods of the seed, weakest first; the one place that knows them (lint, identity, consent screen, refusals). */
export const IDENTITY_METHODS: readonly IdentityMethod[] = [
  {
    id: 'multi-factor',
    acr: 'urn:mydata:acr:multi-factor',
    name: { 'zh-TW': '多因子驗證（不需實體卡）', en: 'Multi-factor verification without a physical card' },
    presents: {
      'zh-TW': '身分證字號與健保卡號，加上戶號或身分證換補證日期',
      en: 'National ID number and NHI card number, plus household number or ID card (re)issue date',
    },
    assurance: 'LOW',
    amr: ['kba'],
    represents: 'NATURAL_PERSON',
    status: 'AVAILABLE',
    stepUpOrder: 1,
    opensSpecial: false,
    enrolledWith: null,
  },
  {
    id: 'third-party-verification',
    acr: 'urn:mydata:acr:third-party-verification',
    name: { 'zh-TW': '第三方驗證中心', en: 'Third-party verification centre' },
    presents: { 'zh-TW': '第三方驗證工具，如晶片金融卡與密碼', en: 'A third-party credential such as a chip bank card with PIN' },
    assurance: 'SUBSTANTIAL',
    amr: ['hwk', 'pin'],
    represents: 'NATURAL_PERSON',
    status: 'PLANNED',
    stepUpOrder: 2,
    opensSpecial: false,
    enrolledWith: null,
  },
  {
    id: 'nhi-card',
    acr: 'urn:mydata:acr:nhi-card',
    name: { 'zh-TW': '健保卡驗證', en: 'National Health Insurance card' },
    presents: {
      'zh-TW': '健保卡、健保卡網路服務註冊密碼與晶片讀卡機',
      en: 'NHI smart card, the registered network-service password and a card reader',
    },
    assurance: 'SUBSTANTIAL',
    amr: ['hwk', 'pwd'],
    represents: 'NATURAL_PERSON',
    status: 'AVAILABLE',
    stepUpOrder: 3,
    opensSpecial: true,
    enrolledWith: null,
  },
  {
    id: 'otp-sms',
    acr: 'urn:mydata:acr:otp-sms',
    name: { 'zh-TW': 'OTP簡訊驗證', en: 'One-time password by SMS' },
    presents: { 'zh-TW': '已綁定手機門號收到的一次性密碼', en: 'A one-time password received on the registered mobile number' },
    assurance: 'SUBSTANTIAL',
    amr: ['otp', 'sms'],
    represents: 'NATURAL_PERSON',
    status: 'AVAILABLE',
    stepUpOrder: 4,
    opensSpecial: false,
    enrolledWith: 'citizen-certificate',
  },
  {
    id: 'citizen-certificate',
    acr: 'urn:mydata:acr:citizen-certificate',
    name: { 'zh-TW': '自然人憑證', en: 'Citizen digital certificate' },
    presents: { 'zh-TW': '自然人憑證 IC 卡、PIN 碼與晶片讀卡機', en: 'Citizen certificate smart card, PIN and a card reader' },
    assurance: 'HIGH',
    amr: ['hwk', 'pin'],
    represents: 'NATURAL_PERSON',
    status: 'AVAILABLE',
    stepUpOrder: 5,
    opensSpecial: true,
    enrolledWith: null,
  },
  {
    id: 'business-certificate',
    acr: 'urn:mydata:acr:business-certificate',
    name: { 'zh-TW': '工商憑證', en: 'Business (MOEACA) certificate' },
    presents: { 'zh-TW': '工商憑證 IC 卡、PIN 碼與晶片讀卡機', en: 'Business certificate smart card, PIN and a card reader' },
    assurance: 'HIGH',
    amr: ['hwk', 'pin'],
    represents: 'LEGAL_ENTITY',
    status: 'AVAILABLE',
    stepUpOrder: null,
    opensSpecial: false,
    enrolledWith: null,
  },
];

const BY_ID: ReadonlyMap<string, IdentityMethod> = new Map(IDENTITY_METHODS.map((method) => [method.id, method]));

/** The method of this id, or undefined: nobody knows it. */
export function identityMethod(id: string): IdentityMethod | undefined {
  return BY_ID.get(id);
}

/** The method that an `acr` value names, or undefined. */
export function methodOfAcr(acr: string): IdentityMethod | undefined {
  return IDENTITY_METHODS.find((method) => method.acr === acr);
}
