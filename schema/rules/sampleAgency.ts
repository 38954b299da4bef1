import { readAgency, type Agency, type AgencyRule } from '../agency.ts';

const PATH = 'subgraphs/mohw/sample/schema.graphql';

/** An agency without fault: one dataset with one record, one with many, nested objects, marks, an enum and a key. For the tests of the rules. */
export const SAMPLE = `extend type DataSubject {
  "低收入戶 | Low-income certificate"
  lowIncome: LowIncome
  "就醫紀錄 | Visits"
  visits(cardNumber: String): Visits
}
type LowIncome @dataset(id: "mohw.low-income", unit: "mohw.sasw", methods: ["citizen-certificate", "otp-sms"], refresh: "realtime", legalBasis: "社會救助法 | Public Assistance Act", formats: ["json", "pdf"]) {
  "身分類別 | Category"
  category: LowIncomeCategory
  "病名 | Diagnosis"
  diagnosis: String @personal(special: true)
  "列冊人口 | Listed members"
  listedMembers: [ListedMember!]
}
type ListedMember {
  "姓名 | Name"
  name: String @personal(thirdParty: true)
}
type Visits @dataset(id: "mohw.visits", unit: "mohw", methods: ["nhi-card"], refresh: "daily", legalBasis: "醫療法 | Medical Care Act", special: true, keys: ["cardNumber"]) {
  records(first: Int, after: String): [Visit]
}
type Visit {
  "日期 | Date"
  date: Date
}
"身分類別 | Category"
enum LowIncomeCategory {
  "低收入戶 | Low-income household"
  LOW_INCOME
}
`;

/** Agency mohw as these files would make it. */
export function sampleAgency(...texts: readonly string[]): Agency {
  return readAgency(
    'mohw',
    texts.map((text) => ({ path: PATH, text })),
  );
}

/** What a rule says about an SDL: `what: message`, one for each finding. */
export function says(rule: AgencyRule, text: string): string[] {
  return [...rule(sampleAgency(text))].map(({ what, message }) => `${what}: ${message}`);
}

/** What a rule says about the sample with one thing changed. Throws when there was nothing to change. */
export function saysOfChange(rule: AgencyRule, from: string, to: string): string[] {
  if (!SAMPLE.includes(from)) throw new Error(`the sample has no ${from}`);
  return says(rule, SAMPLE.replace(from, to));
}
