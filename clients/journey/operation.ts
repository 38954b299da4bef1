import { buildSchema, isListType, isNonNullType, isObjectType, type GraphQLOutputType, type GraphQLSchema } from 'graphql';
import type { Fields } from '../sdk/relyingParty.ts';

/** What the demonstration's relying parties may ask for: their services' registrations. */
export const SERVICES: ReadonlyMap<string, { readonly client: string; readonly datasets: Fields }> = new Map([
  [
    'online.moe.low-income-tuition-waiver',
    {
      client: 'student-aid',
      datasets: {
        'mohw.low-income': ['category', 'certificateNumber', 'validFrom', 'validTo'],
        'moi.household.personal': ['birthDate', 'name', 'nationalId'],
      },
    },
  ],
  [
    'online.moe.free-tuition',
    {
      client: 'student-aid',
      datasets: {
        'mof.income.household': ['belowThreshold', 'countedMembers', 'taxYear'],
        'mof.property': ['queryDate', 'totalValue'],
        'moi.household.personal': ['name', 'nationalId'],
      },
    },
  ],
  [
    'example.credit-card',
    { client: 'bank', datasets: { 'mof.property': ['items.presentValue', 'items.propertyClass', 'queryDate', 'totalValue'] } },
  ],
]);

/** Field of DataSubject for each dataset that a service above names. */
const FIELD_OF: Readonly<Record<string, string>> = {
  'mohw.low-income': 'lowIncome',
  'moi.household.personal': 'householdPersonal',
  'mof.income.household': 'householdIncome',
  'mof.property': 'property',
};

/** The hub's public schema, which it serves to everybody. */
export async function publicSchema(hub: URL): Promise<GraphQLSchema> {
  const response = await fetch(new URL('/schema.graphql', hub));
  return buildSchema(await response.text());
}

/** One operation for all fields of a request, in the schema's words; `records` is put in where a dataset has many. */
export function operationFor(schema: GraphQLSchema, datasets: Fields): string {
  const subject = schema.getType('DataSubject');
  if (!isObjectType(subject)) throw new Error('The hub publishes no DataSubject.');
  const parts = Object.entries(datasets).map(([dataset, paths]) => {
    const name = FIELD_OF[dataset] ?? '';
    const root = named(subject.getFields()[name]?.type);
    const many = isObjectType(root) && 'records' in root.getFields();
    return `${name} { ${many ? `records { ${nest(paths)} }` : nest(paths)} }`;
  });
  return `query Journey { me { ${parts.join(' ')} } }`;
}

function named(type: GraphQLOutputType | undefined): unknown {
  return type !== undefined && (isListType(type) || isNonNullType(type)) ? named(type.ofType as GraphQLOutputType) : type;
}

function nest(paths: readonly string[]): string {
  const heads = new Map<string, string[]>();
  for (const path of paths) {
    const [head = '', ...rest] = path.split('.');
    heads.set(head, [...(heads.get(head) ?? []), ...(rest.length > 0 ? [rest.join('.')] : [])]);
  }
  return [...heads].map(([head, below]) => (below.length > 0 ? `${head} { ${nest(below)} }` : head)).join(' ');
}
