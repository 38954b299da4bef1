import type { Contract, Dataset, Leaf } from '../../schema/contract.ts';
import { fieldSet } from '../../schema/fieldSet.ts';
import { identityMethod } from '../../schema/identityMethods.ts';
import type { Caller } from '../../gateway/domain/caller.ts';
import type { Consent, IdentityProof, Service, Statement } from '../../gateway/domain/consent.ts';
import type { ServiceRow } from '../../gateway/consent/serviceRows.ts';

/** 2019-12-20T00:00:00Z, a Friday morning in Taiwan. */
export const NOW = 1_576_800_000_000;
export const DAY = 86_400_000;

export const both = (text: string) => ({ 'zh-TW': `${text}（中文）`, en: text });

function dataset(
  id: string,
  methods: readonly string[],
  paths: Readonly<Record<string, Partial<Pick<Leaf, 'special' | 'thirdParty'>>>>,
): Dataset {
  const [agency = ''] = id.split('.');
  const type = id.replace(/[^a-z]/g, '_');
  const leaves = Object.entries(paths).map(([path, { special = false, thirdParty = false }]): Leaf => {
    const opened = special ? methods.filter((method) => identityMethod(method)?.opensSpecial === true) : methods;
    return {
      coordinate: `${type}.${path}`,
      dataset: id,
      path,
      scope: `${id}:${path}`,
      special,
      thirdParty,
      type: 'String',
      description: both(path),
      methods: opened,
    };
  });
  return {
    id,
    agency,
    graph: agency.toUpperCase(),
    unit: `${agency}.unit`,
    field: type,
    type,
    many: false,
    methods,
    special: false,
    refresh: 'daily',
    legalBasis: both(`Act of ${id}`),
    name: both(id),
    description: null,
    keys: [],
    formats: [],
    awaits: null,
    leaves,
  };
}

/** Three datasets that differ in the methods they accept; `aid` has a special and two third-party leaves, one of them both. */
export function smallContract(change: (datasets: Dataset[]) => Dataset[] = (datasets) => datasets): Contract {
  const datasets = change([
    dataset('moi.person', ['citizen-certificate', 'otp-sms'], { name: {}, birthDate: {}, spouse: { thirdParty: true } }),
    dataset('mohw.aid', ['citizen-certificate', 'otp-sms', 'nhi-card', 'multi-factor'], {
      category: {},
      until: {},
      illness: { special: true },
      head: { thirdParty: true },
    }),
    dataset('mof.income', ['citizen-certificate'], { year: {}, total: {}, relative: { special: true, thirdParty: true } }),
  ]);
  const leaves = new Map(datasets.flatMap((one) => one.leaves.map((leaf) => [leaf.coordinate, leaf])));
  return {
    digest: 'd',
    datasets: new Map(datasets.map((one) => [one.id, one])),
    leaves,
    objects: new Map(datasets.map(({ id, type }) => [type, id])),
    hubTypes: new Set(['Query']),
  };
}

export const CONTRACT = smallContract();

/** A service registered for everything there is. */
export const ROW: ServiceRow = {
  id: 'test.aid',
  channel: 'ONLINE',
  provider: 'moe.unit',
  providerName: both('Education unit'),
  ministry: 'moe',
  name: both('Aid'),
  purpose: both('To decide on aid'),
  pdpaPurpose: '109',
  legalBasis: both('PDPA art. 15(2)'),
  mode: 'PERIOD',
  longest: 'P6M',
  datasets: [
    {
      dataset: 'mohw.aid',
      necessity: 'REQUIRED',
      fields: ['category', 'until', 'illness', 'head'],
      thirdPartyFields: ['head'],
      why: both('Category'),
    },
    {
      dataset: 'moi.person',
      necessity: 'OPTIONAL',
      fields: ['name', 'birthDate', 'spouse'],
      thirdPartyFields: ['spouse'],
      why: both('Identity'),
    },
    {
      dataset: 'mof.income',
      necessity: 'CONDITIONAL',
      fields: ['year', 'total', 'relative'],
      thirdPartyFields: ['relative'],
      why: both('Only above the threshold'),
    },
  ],
  clients: ['aid-system'],
};

/** Everything that {@link ROW} may ask for. */
export const EVERYTHING = fieldSet(ROW.datasets.map(({ dataset: id, fields }) => [id, fields]));

export function service(members: Partial<Service> = {}): Service {
  const { id: _id, pdpaPurpose: pdpa, purpose: text, datasets, mode, ...row } = ROW;
  const registered = datasets.map(({ thirdPartyFields = [], ...entry }) => ({ ...entry, thirdPartyFields }));
  return {
    ...row,
    _id,
    v: 1,
    version: 1,
    state: 'LIVE',
    mode,
    maxUses: null,
    purpose: { code: 'dpv:RequestedServiceProvision', pdpa, text },
    datasets: registered,
    ...members,
  };
}

export const HER = 'c3ViamVjdC1oZXItMTIzNA';
export const HIM = 'c3ViamVjdC1oaW0tMTIzNA';

export function proof(method: string, authTime = NOW / 1000): IdentityProof {
  const known = identityMethod(method);
  if (known === undefined) throw new Error(method);
  return { method, assurance: known.assurance, authTime };
}

export function statement(fields: Statement['fields'], members: Partial<Statement> = {}): Statement {
  return { kind: 'ORDINARY', legalBasis: 'x | x', proof: proof('citizen-certificate'), fields, ...members };
}

/** An active consent of hers, given at NOW for thirty days. */
export function consent(members: Partial<Consent> = {}): Consent {
  return {
    _id: 'Y29uc2VudC0xMjM0NTY3OA',
    v: 1,
    version: 3,
    state: 'ACTIVE',
    subject: HER,
    grantedBy: { subject: HER, capacity: 'SELF', evidence: null },
    client: 'aid-system',
    provider: 'moe.unit',
    service: { id: 'test.aid', version: 1 },
    purpose: { code: 'dpv:RequestedServiceProvision', textHash: 'h' },
    mode: 'PERIOD',
    maxUses: null,
    notBefore: NOW,
    notAfter: NOW + 30 * DAY,
    statements: [],
    screen: 'screen',
    uses: [],
    history: [],
    outbox: [],
    ...members,
  };
}

export function caller(members: Partial<Caller> = {}): Caller {
  return {
    kind: 'RELYING_PARTY',
    client: 'aid-system',
    subject: HER,
    consent: consent()._id,
    grant: 'grant',
    acr: 'urn:mydata:acr:citizen-certificate',
    authTime: NOW / 1000,
    ...members,
  };
}
