import type { Bilingual } from '../../schema/bilingual.ts';

/** A specific purpose of the PDPA (個資法之特定目的及個人資料之類別, Ministry of Justice), beside a purpose of the Data Privacy Vocabulary. */
export interface Purpose {
  /** Number in the ministry's list: `109`. */
  readonly pdpa: string;
  readonly name: Bilingual;
  /** DPV term, `https://w3id.org/dpv#…`. */
  readonly code: string;
}

/** The purposes of the seeded services. A service names one by its number; another number is another row here. */
export const PURPOSES: readonly Purpose[] = [
  {
    pdpa: '067',
    name: { 'zh-TW': '信用卡、現金卡、轉帳卡或電子票證業務', en: 'Credit, cash, debit and electronic payment cards' },
    code: 'dpv:CreditChecking',
  },
  {
    pdpa: '109',
    name: { 'zh-TW': '教育或訓練行政', en: 'Administration of education and training' },
    code: 'dpv:RequestedServiceProvision',
  },
];

/** The purpose of a number. Undefined: no seeded service has it. */
export function purposeOf(pdpa: string): Purpose | undefined {
  return PURPOSES.find((purpose) => purpose.pdpa === pdpa);
}
