import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { difference, fieldSet, isWithin, union, type FieldSet } from '../../schema/fieldSet.ts';
import { IDENTITY_METHODS } from '../../schema/identityMethods.ts';
import {
  caller,
  consent,
  CONTRACT,
  DAY,
  EVERYTHING,
  HIM,
  NOW,
  proof,
  service,
  smallContract,
  statement,
} from '../../test/abuse/consentWorld.ts';
import type { Consent, ConsentState, Service, Statement, SubjectStanding } from './consent.ts';
import { decide, type DecisionInput } from './decide.ts';
import type { RefusalReason } from './disclosure.ts';

const input = (members: Partial<DecisionInput> = {}): DecisionInput => ({
  consent: consent({ statements: [statement({ 'mohw.aid': ['category', 'until'] })] }),
  service: service(),
  subject: { state: 'ACTIVE' },
  caller: caller(),
  contract: CONTRACT,
  asked: { 'mohw.aid': ['category', 'until'] },
  now: NOW + DAY,
  ...members,
});

/** The one reason for everything, or a list of what is told apart. */
const reasons = (members: Partial<DecisionInput>): readonly RefusalReason[] => [
  ...new Set(decide(input(members)).refusals.map(({ reason }) => reason)),
];

describe('decide', () => {
  it('permits what was agreed, and refuses the rest', () => {
    expect(decide(input({ asked: { 'mohw.aid': ['category', 'head'], 'moi.person': ['name'] } }))).toEqual({
      permitted: { 'mohw.aid': ['category'] },
      refusals: [
        { dataset: 'mohw.aid', reason: 'NOT_CONSENTED', fields: ['head'] },
        { dataset: 'moi.person', reason: 'NOT_CONSENTED', fields: ['name'] },
      ],
    });
  });

  it.each<[string, Partial<DecisionInput>, RefusalReason]>([
    ['no consent', { consent: null }, 'NOT_CONSENTED'],
    ['a citizen in her own client, who reads no dataset', { caller: caller({ kind: 'CITIZEN', consent: null }) }, 'NOT_CONSENTED'],
    ['a citizen who names a consent', { caller: caller({ kind: 'CITIZEN' }) }, 'NOT_CONSENTED'],
    ['another client’s consent', { caller: caller({ client: 'bank' }) }, 'NOT_CONSENTED'],
    ['another person’s consent', { caller: caller({ subject: HIM }) }, 'NOT_CONSENTED'],
    ['a consent that the token does not name', { caller: caller({ consent: 'other' }) }, 'NOT_CONSENTED'],
    ['an unknown service', { service: null }, 'SUSPENDED'],
    ['a suspended service', { service: service({ state: 'SUSPENDED' }) }, 'SUSPENDED'],
    ['a service in other hands', { service: service({ provider: 'private.bank' }) }, 'NOT_CONSENTED'],
    ['a service that is no longer this client’s', { service: service({ clients: [] }) }, 'NOT_CONSENTED'],
    ['another service', { service: service({ _id: 'test.other' }) }, 'NOT_CONSENTED'],
    ['an unknown subject', { subject: null }, 'SUSPENDED'],
    ['a frozen subject', { subject: { state: 'FROZEN' } }, 'SUSPENDED'],
    ['a deceased subject', { subject: { state: 'DECEASED' } }, 'SUSPENDED'],
    ['the last millisecond and after', { now: NOW + 30 * DAY }, 'EXPIRED'],
    ['a time before it begins', { now: NOW - 1 }, 'NOT_CONSENTED'],
  ])('opens nothing for %s', (_name, members, reason) => {
    expect(decide(input(members)).permitted).toEqual({});
    expect(reasons(members)).toEqual([reason]);
  });

  it.each<[ConsentState, RefusalReason]>([
    ['REQUESTED', 'NOT_CONSENTED'],
    ['DECLINED', 'NOT_CONSENTED'],
    ['SUPERSEDED', 'NOT_CONSENTED'],
    ['WITHDRAWN', 'WITHDRAWN'],
    ['EXPIRED', 'EXPIRED'],
    ['USED_UP', 'USED_UP'],
    ['SUSPENDED', 'SUSPENDED'],
  ])('opens nothing in state %s', (state, reason) => {
    expect(reasons({ consent: { ...(input().consent as Consent), state } })).toEqual([reason]);
  });

  it('says withdrawn before ended, and ended before suspended', () => {
    const withdrawn = { ...(input().consent as Consent), state: 'WITHDRAWN' } as const;
    expect(reasons({ consent: withdrawn, now: NOW + 99 * DAY, subject: { state: 'FROZEN' } })).toEqual(['WITHDRAWN']);
    expect(reasons({ now: NOW + 99 * DAY, subject: { state: 'FROZEN' }, service: null })).toEqual(['EXPIRED']);
  });

  it('keeps the state of a foreign consent to itself', () => {
    const withdrawn = { ...(input().consent as Consent), state: 'WITHDRAWN' } as const;
    expect(reasons({ consent: withdrawn, caller: caller({ subject: HIM }) })).toEqual(['NOT_CONSENTED']);
  });

  it('opens nothing before the grant is in the audit log', () => {
    const granted = { ...(input().consent as Consent), outbox: [{ kind: 'GRANTED', version: 3, at: NOW }] } as const;
    expect(reasons({ consent: granted })).toEqual(['SUSPENDED']);
    const narrowed = { ...granted, outbox: [{ kind: 'NARROWED', version: 4, at: NOW }] } as const;
    expect(reasons({ consent: narrowed })).toEqual([]);
  });

  it('refuses datasets and fields that nobody offers, own members of objects included', () => {
    const asked = fieldSet([
      ['no.such', ['x']],
      ['mohw.aid', ['nothing', 'constructor']],
      ['__proto__', ['x']],
      ['constructor', ['name']],
    ]);
    const { permitted, refusals } = decide(input({ asked }));
    expect(permitted).toEqual({});
    expect(refusals.map(({ dataset, reason }) => [dataset, reason])).toEqual(
      ['__proto__', 'constructor', 'mohw.aid', 'no.such'].map((id) => [id, 'NOT_CONSENTED']),
    );
  });

  it('is bounded by today’s registration', () => {
    const less = service({
      datasets: service().datasets.map((entry) => ({ ...entry, fields: entry.fields.filter((path) => path !== 'until') })),
    });
    expect(decide(input({ service: less })).permitted).toEqual({ 'mohw.aid': ['category'] });
  });

  it('opens a third-party leaf only where the registration names it as one, or for oneself', () => {
    const given = consent({ statements: [statement({ 'mohw.aid': ['head'] }, { kind: 'THIRD_PARTY' })] });
    const asked = { 'mohw.aid': ['head'] };
    const unnamed = service().datasets.map((entry) => ({ ...entry, thirdPartyFields: [] }));
    expect(decide(input({ consent: given, asked })).permitted).toEqual(asked);
    expect(reasons({ consent: given, asked, service: service({ datasets: unnamed }) })).toEqual(['NOT_CONSENTED']);
    const own = { consent: { ...given, provider: 'self' }, asked, service: service({ datasets: unnamed, provider: 'self' }) };
    expect(decide(input(own)).permitted).toEqual(asked);
  });

  it('opens special-category and third-party leaves only by their own act', () => {
    const all = { 'mohw.aid': ['head', 'illness'] };
    expect(reasons({ consent: consent({ statements: [statement(all)] }), asked: all })).toEqual(['NOT_CONSENTED']);
    const own = consent({ statements: [statement(all, { kind: 'SPECIAL' }), statement(all, { kind: 'THIRD_PARTY' })] });
    expect(decide(input({ consent: own, asked: all })).permitted).toEqual(all);
  });

  it('closes a leaf that has become special since', () => {
    const stricter = smallContract((datasets) =>
      datasets.map((one) => ({ ...one, leaves: one.leaves.map((leaf) => (leaf.path === 'category' ? { ...leaf, special: true } : leaf)) })),
    );
    expect(decide(input({ contract: stricter })).permitted).toEqual({ 'mohw.aid': ['until'] });
  });

  it('asks for a stronger proof, weakest first, where the statement’s own is not accepted today', () => {
    const weak = consent({ statements: [statement({ 'moi.person': ['name'] }, { proof: proof('multi-factor') })] });
    const strong = caller({ acr: 'urn:mydata:acr:citizen-certificate' });
    expect(decide(input({ consent: weak, caller: strong, asked: { 'moi.person': ['name'] } })).refusals).toEqual([
      {
        dataset: 'moi.person',
        reason: 'ASSURANCE_TOO_LOW',
        fields: ['name'],
        acrValues: ['urn:mydata:acr:otp-sms', 'urn:mydata:acr:citizen-certificate'],
      },
    ]);
  });

  it('takes only the certificate or the NHI card for a special leaf of an ordinary dataset', () => {
    const given = (method: string) =>
      consent({ statements: [statement({ 'mohw.aid': ['illness'] }, { kind: 'SPECIAL', proof: proof(method) })] });
    const asked = { 'mohw.aid': ['illness'] };
    expect(decide(input({ consent: given('nhi-card'), asked })).permitted).toEqual(asked);
    expect(decide(input({ consent: given('otp-sms'), asked })).refusals[0]?.acrValues).toEqual([
      'urn:mydata:acr:nhi-card',
      'urn:mydata:acr:citizen-certificate',
    ]);
  });

  it('says that a stronger proof is wanted for what was asked but closed on the screen, and NOT_CONSENTED for what she left out', () => {
    const given = consent({
      statements: [statement({ 'mohw.aid': ['category'] }, { proof: proof('multi-factor') })],
      requested: { fields: { 'mohw.aid': ['category', 'until'], 'moi.person': ['name'] }, duration: 'P6M' },
      proofs: [proof('multi-factor')],
    });
    const { refusals } = decide(input({ consent: given, asked: EVERYTHING }));
    const reasonOf = (dataset: string, path: string) =>
      refusals.find((one) => one.dataset === dataset && one.fields.includes(path))?.reason;
    expect(reasonOf('moi.person', 'name')).toBe('ASSURANCE_TOO_LOW');
    expect(reasonOf('moi.person', 'birthDate')).toBe('NOT_CONSENTED');
    expect(reasonOf('mohw.aid', 'until')).toBe('NOT_CONSENTED');
  });
});

// ── The property: the decision is the brute-force reading of docs/contract.md §3, field by field. ──

const PAIRS = Object.entries(EVERYTHING).flatMap(([dataset, paths]) => paths.map((path) => [dataset, path] as const));
const fields: fc.Arbitrary<FieldSet> = fc.subarray(PAIRS).map((pairs) => fieldSet(pairs.map(([dataset, path]) => [dataset, [path]])));
const asked: fc.Arbitrary<FieldSet> = fc
  .tuple(
    fields,
    fc.subarray([
      ['no.such', ['x']],
      ['mohw.aid', ['no']],
    ] as [string, string[]][]),
  )
  .map(([some, more]) => union(some, fieldSet(more)));
const method = fc.constantFrom(...IDENTITY_METHODS.map(({ id }) => id));
const statements: fc.Arbitrary<Statement[]> = fc.array(
  fc
    .record({ kind: fc.constantFrom<Statement['kind']>('ORDINARY', 'SPECIAL', 'THIRD_PARTY'), method, fields })
    .map(({ kind, method: by, fields: of }) => statement(of, { kind, proof: proof(by) })),
  { maxLength: 4 },
);
const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 9 }, { arbitrary: fc.constantFrom(...others), weight: 2 });
const states: ConsentState[] = ['REQUESTED', 'DECLINED', 'WITHDRAWN', 'EXPIRED', 'USED_UP', 'SUSPENDED', 'SUPERSEDED'];

const registrations: fc.Arbitrary<Service> = fc
  .record({
    registered: fields,
    named: fields,
    state: mostly<Service['state']>('LIVE', 'SUSPENDED'),
    provider: mostly('moe.unit', 'self'),
    clients: mostly<string[]>(['aid-system'], []),
  })
  .map(({ registered, named, ...members }) =>
    service({
      ...members,
      datasets: service().datasets.map((entry) => ({
        ...entry,
        fields: registered[entry.dataset] ?? [],
        thirdPartyFields: named[entry.dataset] ?? [],
      })),
    }),
  );

/** The contract after a leaf has become special and a dataset has stopped to accept a method. */
const STRICTER = smallContract((datasets) =>
  datasets.map((one) => ({
    ...one,
    leaves: one.leaves.map((leaf) => (leaf.path === 'category' ? { ...leaf, special: true } : { ...leaf, methods: leaf.methods.slice(1) })),
  })),
);

const inputs: fc.Arbitrary<DecisionInput> = fc
  .record({
    given: fc.record({
      state: mostly<ConsentState>('ACTIVE', ...states),
      statements,
      provider: mostly('moe.unit', 'self'),
      requested: fields.map((all) => ({ fields: all, duration: 'P6M' })),
      proofs: fc.array(
        method.map((id) => proof(id)),
        { maxLength: 2 },
      ),
      outbox: mostly<Consent['outbox']>([], [{ kind: 'GRANTED', version: 3, at: NOW }], [{ kind: 'WITHDRAWN', version: 3, at: NOW }]),
    }),
    service: fc.oneof({ arbitrary: registrations, weight: 9 }, { arbitrary: fc.constant(null), weight: 1 }),
    subject: mostly<SubjectStanding | null>({ state: 'ACTIVE' }, { state: 'FROZEN' }, null),
    by: fc.record({
      kind: mostly<'RELYING_PARTY' | 'CITIZEN'>('RELYING_PARTY', 'CITIZEN'),
      client: mostly('aid-system', 'bank'),
      subject: mostly(consent().subject as string, HIM),
      consent: mostly<string | null>(consent()._id, null, 'x'),
    }),
    asked,
    now: mostly(NOW + DAY, NOW - 1, NOW, NOW + 30 * DAY - 1, NOW + 30 * DAY),
    hasConsent: mostly(true, false),
  })
  .map(({ given, by, hasConsent, ...rest }) => ({
    ...rest,
    contract: CONTRACT,
    caller: caller(by),
    consent: hasConsent ? consent(given) : null,
  }));

/** Whether one field is open: the sentence of the contract, written out, and nothing else. */
function isOpen(
  { consent: given, service: registered, subject, caller: by, contract, now }: DecisionInput,
  dataset: string,
  path: string,
): boolean {
  const leaf = [...contract.leaves.values()].find((one) => one.dataset === dataset && one.path === path);
  if (given === null || registered === null || leaf === undefined) return false;
  const isLive =
    given.state === 'ACTIVE' && given.notBefore <= now && now < given.notAfter && !given.outbox.some(({ kind }) => kind === 'GRANTED');
  const isHisToken = by.kind === 'RELYING_PARTY' && by.consent === given._id && by.client === given.client && by.subject === given.subject;
  const isLiveService = registered.state === 'LIVE' && registered.provider === given.provider && registered.clients.includes(given.client);
  const entry = registered.datasets.find((one) => one.dataset === dataset);
  const isNamed =
    entry?.fields.includes(path) === true && (!leaf.thirdParty || registered.provider === 'self' || entry.thirdPartyFields.includes(path));
  const accepted =
    contract.datasets.get(dataset)?.methods.filter((id) => !leaf.special || id === 'citizen-certificate' || id === 'nhi-card') ?? [];
  const act = leaf.special ? 'SPECIAL' : leaf.thirdParty ? 'THIRD_PARTY' : null;
  const isAgreed = given.statements.some(
    (one) => one.fields[dataset]?.includes(path) && (act === null || one.kind === act) && accepted.includes(one.proof.method),
  );
  return isLive && isHisToken && isLiveService && subject?.state === 'ACTIVE' && isNamed && isAgreed;
}

/** As the store holds a consent and a service, and the compiler a closure: frozen throughout. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
const copied = <Value>(value: Value): Value => structuredClone(value);

const permittedOf = (one: DecisionInput): FieldSet => decide(one).permitted;

describe('decide, as a property', () => {
  it('permits exactly what the brute-force model permits, and tells permitted and refused apart without a gap', () => {
    fc.assert(
      fc.property(inputs, (one) => {
        const { permitted, refusals } = decide(one);
        const expected = Object.entries(one.asked).map(
          ([dataset, paths]) => [dataset, paths.filter((path) => isOpen(one, dataset, path))] as const,
        );
        expect(permitted).toEqual(fieldSet(expected));
        const refused = fieldSet(refusals.map(({ dataset, fields: paths }) => [dataset, paths] as const));
        expect(union(permitted, refused)).toEqual(one.asked);
        expect(refusals.reduce((count, { fields: paths }) => count + paths.length, 0)).toBe(
          Object.values(difference(one.asked, permitted)).flat().length,
        );
        for (const { reason, acrValues } of refusals) expect(acrValues !== undefined).toBe(reason === 'ASSURANCE_TOO_LOW');
      }),
      { numRuns: 2000 },
    );
  });

  it('decides alike whether or not its parts are frozen, and so held: in whatever order they come, and again', () => {
    const many = fc.record({ ones: fc.array(inputs, { minLength: 1, maxLength: 3 }), askeds: fc.array(asked, { maxLength: 1 }) });
    fc.assert(
      fc.property(many, ({ ones, askeds }) => {
        const held = ones.map(({ consent: given, service: registered, ...rest }) => ({
          ...rest,
          consent: frozen(copied(given)),
          service: frozen(copied(registered)),
        }));
        // Every consent under every registration, closure and contract: what was held for one must not answer for another.
        const closures = [...ones.map((one) => one.asked), ...askeds].map((each) => frozen(copied(each)));
        const contracts = [CONTRACT, STRICTER];
        for (const one of held)
          for (const other of held)
            for (const each of closures)
              for (const contract of contracts) {
                const input = { ...one, service: other.service, asked: each, contract };
                const expected = decide({ ...input, consent: copied(input.consent), service: copied(input.service) });
                expect(decide(input)).toEqual(expected);
                expect(decide(input)).toEqual(expected);
              }
      }),
      { numRuns: 100 },
    );
  });

  it('gives one object for all whose fields have the same fate, so that what is made of it can be kept', () => {
    const one = frozen(copied(input()));
    const other = frozen({
      ...copied(input()),
      consent: { ...copied(one.consent as Consent), _id: 'other' },
      caller: caller({ consent: 'other' }),
    });
    const asked = one.asked;
    expect(decide({ ...one, contract: CONTRACT })).toBe(decide({ ...other, contract: CONTRACT, asked, service: one.service }));
  });

  it('never permits more by narrowing: a consent, a registration, a period', () => {
    fc.assert(
      fc.property(inputs, fields, (one, drop) => {
        const before = permittedOf(one);
        if (one.consent !== null) {
          const narrowed = {
            ...one.consent,
            statements: one.consent.statements.map((each) => ({ ...each, fields: difference(each.fields, drop) })),
          };
          expect(isWithin(permittedOf({ ...one, consent: narrowed }), before)).toBe(true);
          expect(isWithin(permittedOf({ ...one, consent: { ...one.consent, notAfter: one.now } }), {})).toBe(true);
        }
        if (one.service !== null) {
          const datasets = one.service.datasets.map((entry) => ({
            ...entry,
            fields: entry.fields.filter((path) => !drop[entry.dataset]?.includes(path)),
          }));
          expect(isWithin(permittedOf({ ...one, service: { ...one.service, datasets } }), before)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never lets one field’s fate hang on what else is asked', () => {
    fc.assert(
      fc.property(inputs, fields, (one, more) => {
        const alone = permittedOf(one);
        expect(isWithin(alone, permittedOf({ ...one, asked: union(one.asked, more) }))).toBe(true);
        expect(permittedOf({ ...one, asked: alone })).toEqual(alone);
      }),
      { numRuns: 1000 },
    );
  });

  it('does not look at the token’s acr: it opens nothing, and closes nothing', () => {
    fc.assert(
      fc.property(inputs, method, (one, id) => {
        expect(decide({ ...one, caller: { ...one.caller, acr: `urn:mydata:acr:${id}` } })).toEqual(decide(one));
      }),
      { numRuns: 300 },
    );
  });
});
