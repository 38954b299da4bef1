import { fieldSet, hasField, type FieldSet } from '../../schema/fieldSet.ts';

/** One dataset of the bench's query. Paths are below the dataset's root, `records` left out. */
export interface AskedDataset {
  readonly dataset: string;
  /** On DataSubject. */
  readonly field: string;
  readonly many: boolean;
  readonly paths: readonly string[];
  /** The alias under which it is asked; else its own name. */
  readonly alias?: string;
}

export type Question = readonly AskedDataset[];

/** All nine datasets of the five agencies: 41 fields, six lists of objects, one of them inside a list of records' dataset. */
export const QUESTION: Question = [
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

/** Exactly what is asked, in the wire form. */
export function fieldsOf(question: Question): FieldSet {
  return fieldSet(question.map(({ dataset, paths }) => [dataset, paths]));
}

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

function textOfTree(fields: Tree): string {
  return `{ ${[...fields].map(([name, below]) => (below === null ? name : `${name} ${textOfTree(below)}`)).join(' ')} }`;
}

/** What is asked below a DataSubject, as GraphQL's text, without the braces around it. */
export function selectionOf(question: Question): string {
  return question
    .map(({ field, alias, many, paths }) => {
      const below = textOfTree(tree(paths));
      return `${alias === undefined ? field : `${alias}: ${field}`} ${many ? `{ records ${below} }` : below}`;
    })
    .join(' ');
}

/** The query's text. */
export function textOf(question: Question): string {
  return `query Bench { me { ${selectionOf(question)} } }`;
}

type Json = Readonly<Record<string, unknown>>;

/** The value with what is selected of it, in that order; what `opens` denies is null, and so is an object of which nothing is left. */
function pick(fields: Tree, value: Json, opens: (path: string) => boolean, above = ''): Record<string, unknown> {
  const entries = [...fields].map(([name, below]) => {
    const path = `${above}${name}`;
    const member = value[name] ?? null;
    if (below === null) return [name, opens(path) ? member : null];
    if (member === null || ![...below.keys()].some((leaf) => opens(`${path}.${leaf}`))) return [name, null];
    const into = (each: Json): object => pick(below, each, opens, `${path}.`);
    return [name, Array.isArray(member) ? member.map(into) : into(member as Json)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/**
 * The complete answer by hand, from the records and the permitted fields alone, in the order of the query: what every gateway must say, to the
 * letter.
 */
export function expectedData(question: Question, records: ReadonlyMap<string, readonly Json[]>, permitted: FieldSet | null = null): object {
  const me = question.map(({ dataset, field, alias = field, many, paths }) => {
    const opens = (path: string): boolean => permitted === null || hasField(permitted, dataset, path);
    if (!paths.some(opens)) return [alias, null];
    const all = (records.get(dataset) ?? []).map((record) => pick(tree(paths), record, opens));
    return [alias, many ? { records: all } : (all[0] ?? null)];
  });
  return { me: Object.fromEntries(me) as object };
}
