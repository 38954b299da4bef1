import { createHash } from 'node:crypto';
import type { RegisterKey } from '../../schema/warrant.ts';

/** A person whom the bench made up. Every process of the bench derives the same one from her number. */
export interface BenchCitizen {
  /** DataSubject.id. */
  readonly subject: string;
  readonly nid: RegisterKey;
  /** Consent id. */
  readonly consent: string;
  /** The grant of her token. */
  readonly grant: string;
}

type Json = Readonly<Record<string, unknown>>;

/** 128 bits of a name, base64url. */
export function idOf(name: string): string {
  return createHash('sha256').update(`bench ${name}`).digest().subarray(0, 16).toString('base64url');
}

/** Number 0, 1, 2, … Her ID number is nobody's: its second character 0 was never issued. */
export function benchCitizen(number: number): BenchCitizen {
  return {
    subject: idOf(`subject ${number}`),
    nid: { kind: 'NATIONAL_ID', value: `Z0${String(number).padStart(8, '0')}` },
    consent: idOf(`consent ${number}`),
    grant: idOf(`grant ${number}`),
  };
}

/** Register keys of the first `citizens`, by DataSubject.id. */
export function registerKeys(citizens: number): (subject: string) => RegisterKey | undefined {
  const people = Array.from({ length: citizens }, (_, number) => benchCitizen(number));
  const keys = new Map(people.map(({ subject, nid }) => [subject, nid]));
  return (subject) => keys.get(subject);
}

/** The registers' date. */
export const REGISTER_DATE = '2019-12-20';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const month = (index: number): string => String(index + 1).padStart(2, '0');
const one = <T>(list: readonly [T, ...T[]], index: number): T => list[index % list.length] ?? list[0];

/** Her records in all nine datasets, each telling whose it is: a value of somebody else is seen. */
export function benchRecords(number: number): ReadonlyMap<string, readonly Json[]> {
  const { nid } = benchCitizen(number);
  const tag = String(number).padStart(6, '0');
  const name = `測試者${tag}`;
  return new Map<string, readonly Json[]>([
    [
      'moi.household.personal',
      [
        {
          nationalId: nid.value,
          name,
          birthDate: '1980-05-17',
          sex: one(['MALE', 'FEMALE'], number),
          maritalStatus: 'SINGLE',
          householdNumber: `F${tag}`,
          relationToHead: 'HEAD',
          registeredAddress: `示範市測試區量測路${number}號`,
          idCardIssueDate: '2015-01-10',
          idCardIssueType: 'REPLACEMENT',
        },
      ],
    ],
    [
      'moi.land.cadastre-price',
      times(2, (index) => ({
        propertyKind: one(['LAND', 'BUILDING'], index),
        cityDistrict: '示範市測試區',
        sectionName: '量測段',
        landNumber: `${tag}-${index}`,
        areaSquareMetre: 80.25 + number + index,
        shareNumerator: 1,
        shareDenominator: 2,
        registrationDate: '2010-03-02',
        announcedPresentValue: 120_000 + number,
      })),
    ],
    [
      'mohw.low-income',
      [
        {
          certificateNumber: `LI-108-${tag}`,
          category: 'LOW_INCOME',
          classLevel: 2,
          approvingGovernment: '示範市測試區公所',
          approvedDate: '2019-01-02',
          validFrom: '2019-01-02',
          validTo: '2019-12-31',
          householdHeadName: name,
          listedMembers: times(3, (index) => ({
            name: `${name}之${index}`,
            nationalId: nid.value,
            relation: one(['HEAD', 'SPOUSE', 'CHILD'], index),
            isStudent: index === 2,
          })),
        },
      ],
    ],
    [
      'mohw.nhi.premium-payments',
      times(6, (index) => ({
        billingMonth: `2019-${month(index)}`,
        insuredUnitName: `測試單位${tag}`,
        insuredCategory: '第一類',
        premiumDue: 749 + number,
        dueDate: `2019-${month(index + 1)}-15`,
        paidAmount: index === 5 ? null : 749 + number,
      })),
    ],
    [
      'mol.labor-insurance.enrolment',
      times(4, (index) => ({
        insuredUnitNumber: `09${tag}`,
        insuredUnitName: `測試工廠${tag}`,
        action: one(['ENROLLED', 'ADJUSTED', 'ADJUSTED', 'WITHDRAWN'], index),
        effectiveDate: `201${index + 4}-07-01`,
        insuredSalary: 24_000 + number,
        isPartTime: false,
        accumulatedYears: index + 0.5,
      })),
    ],
    [
      'mof.property',
      [
        {
          queryDate: '2019-12-05',
          itemCount: 3,
          totalValue: 1_500_000 + number,
          items: times(3, (index) => ({
            propertyClass: one(['LAND', 'HOUSE', 'INVESTMENT'], index),
            location: `示範市測試區量測段${number}地號`,
            shareText: index === 2 ? null : '1/2',
            presentValue: 500_000 + number + index,
          })),
        },
      ],
    ],
    [
      'mof.income.household',
      [
        {
          taxYear: 2018,
          countedMembers: 3,
          totalIncome: 474_000 + number,
          belowThreshold: true,
          thresholdAmount: 1_480_000,
          members: times(2, (index) => ({
            name: `${name}之${index}`,
            relation: one(['FATHER', 'MOTHER'], index),
            income: 210_000 + number,
          })),
        },
      ],
    ],
    [
      'moe.senior-high-enrolment',
      [
        {
          schoolCode: '999902',
          schoolName: `示範市立測試高級中學${tag}`,
          programmeType: '專業群科',
          studentNumber: `107${tag}`,
          grade: 2,
          semester: '108-1',
          status: 'ENROLLED',
          admissionDate: '2018-08-30',
        },
      ],
    ],
    [
      'moe.student-aid',
      times(2, (index) => ({
        caseNumber: `SA-${tag}-${index}`,
        semester: one(['107-2', '108-1'], index),
        aidKind: 'LOW_INCOME',
        status: one(['PAID', 'PENDING'], index),
      })),
    ],
  ]);
}
