import { sha256 } from '../../schema/canonical.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';

/** One dataset of the bench's query. Paths are below the dataset's root, `records` left out. */
export interface AskedDataset {
  readonly dataset: string;
  /** On DataSubject. */
  readonly field: string;
  readonly many: boolean;
  readonly paths: readonly string[];
}

/** All nine datasets of the five agencies: 41 fields, six lists of objects, one of them inside a list of records' dataset. */
export const QUESTION: readonly AskedDataset[] = [
  {
    dataset: 'moi.household.personal',
    field: 'householdPersonal',
    many: false,
    paths: ['name', 'nationalId', 'birthDate', 'sex', 'registeredAddress'],
  },
  {
    dataset: 'moi.land.cadastre-price',
    field: 'cadastrePrice',
    many: true,
    paths: ['propertyKind', 'cityDistrict', 'landNumber', 'areaSquareMetre', 'announcedPresentValue'],
  },
  {
    dataset: 'mohw.low-income',
    field: 'lowIncome',
    many: false,
    paths: ['certificateNumber', 'category', 'validFrom', 'validTo', 'listedMembers.name', 'listedMembers.relation'],
  },
  {
    dataset: 'mohw.nhi.premium-payments',
    field: 'nhiPremiumPayments',
    many: true,
    paths: ['billingMonth', 'premiumDue', 'paidAmount', 'dueDate'],
  },
  {
    dataset: 'mol.labor-insurance.enrolment',
    field: 'laborInsuranceEnrolment',
    many: true,
    paths: ['insuredUnitName', 'action', 'effectiveDate', 'insuredSalary'],
  },
  {
    dataset: 'mof.property',
    field: 'property',
    many: false,
    paths: ['queryDate', 'totalValue', 'items.propertyClass', 'items.presentValue', 'items.shareText'],
  },
  {
    dataset: 'mof.income.household',
    field: 'householdIncome',
    many: false,
    paths: ['taxYear', 'totalIncome', 'belowThreshold', 'members.relation', 'members.income'],
  },
  {
    dataset: 'moe.senior-high-enrolment',
    field: 'seniorHighEnrolment',
    many: true,
    paths: ['schoolName', 'programmeType', 'grade', 'status'],
  },
  { dataset: 'moe.student-aid', field: 'studentAid', many: true, paths: ['semester', 'aidKind', 'status'] },
];

/** What every citizen of the bench consents to: exactly what is asked. */
export const QUESTION_FIELDS: FieldSet = Object.fromEntries(QUESTION.map(({ dataset, paths }) => [dataset, [...paths].sort()]));

/** A name and what is selected below it; null: a leaf. */
type Tree = Map<string, Tree | null>;

function tree(paths: readonly string[]): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    const steps = path.split('.');
    const leaf = steps.pop() ?? '';
    let at = root;
    for (const step of steps) {
      const below: Tree = at.get(step) ?? new Map<string, Tree | null>();
      at.set(step, below);
      at = below;
    }
    at.set(leaf, null);
  }
  return root;
}

function selectionOf(fields: Tree): string {
  return `{ ${[...fields].map(([name, below]) => (below === null ? name : `${name} ${selectionOf(below)}`)).join(' ')} }`;
}

const trees = QUESTION.map((asked) => ({ ...asked, fields: tree(asked.paths) }));

/** The query's text. */
export const QUERY = `query Bench { me { ${trees
  .map(({ field, many, fields }) => `${field} ${many ? `{ records ${selectionOf(fields)} }` : selectionOf(fields)}`)
  .join(' ')} } }`;

export const QUERY_HASH = sha256(QUERY);

type Json = Readonly<Record<string, unknown>>;

function pick(fields: Tree, value: Json): Record<string, unknown> {
  return Object.fromEntries(
    [...fields].map(([name, below]) => {
      const member = value[name] ?? null;
      if (below === null || member === null) return [name, member];
      return [name, Array.isArray(member) ? member.map((each: Json) => pick(below, each)) : pick(below, member as Json)];
    }),
  );
}

/** The complete answer by hand, from the records alone, in the order of the query: what every gateway must say, to the letter. */
export function expectedData(records: ReadonlyMap<string, readonly Json[]>): object {
  const me = trees.map(({ dataset, field, many, fields }) => {
    const all = (records.get(dataset) ?? []).map((record) => pick(fields, record));
    return [field, many ? { records: all } : (all[0] ?? null)];
  });
  return { me: Object.fromEntries(me) as object };
}
