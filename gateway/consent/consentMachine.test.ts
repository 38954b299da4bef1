import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { difference, fieldSet, intersection, isEmpty, union, type FieldSet } from '../../schema/fieldSet.ts';
import { decide } from '../domain/decide.ts';
import { agreedFields } from '../domain/changes.ts';
import { openConsentStore, type ConsentStore } from '../../test/abuse/consentStore.ts';
import { caller, CONTRACT, DAY, HER, HIM, NOW, proof, ROW } from '../../test/abuse/consentWorld.ts';

const ROWS = [{ ...ROW, id: 'test.twice', maxUses: 2 }] as const;
const ASKED: FieldSet = { 'mohw.aid': ['category', 'until'], 'moi.person': ['birthDate', 'name'], 'mof.income': ['total'] };
const PAIRS = Object.entries(ASKED).flatMap(([dataset, paths]) => paths.map((path) => [dataset, [path]] as const));
const REQUIRED: FieldSet = { 'mohw.aid': ['category', 'until'] };
const MINUTE = 60_000;

let store: ConsentStore;
beforeAll(async () => {
  store = await openConsentStore(ROWS);
});
afterAll(() => store.close());

/** What a consent is, told apart from how it is stored: the sentences of docs/contract.md §3 on a handful of variables. */
interface Model {
  state: 'REQUESTED' | 'ACTIVE' | 'DECLINED' | 'WITHDRAWN' | 'EXPIRED' | 'USED_UP';
  subject: string | null;
  fields: FieldSet;
  until: number;
  now: number;
  uses: { key: string; at: number }[];
  /** Kinds of the events that must be in the audit log once everything is published, in order. */
  events: string[];
  auditDown: boolean;
  /** A grant that the audit log has not taken opens nothing. */
  recorded: boolean;
}

interface Real {
  readonly id: string;
}

type Step = fc.AsyncCommand<Model, Real>;

abstract class Command implements Step {
  check(): boolean {
    return true;
  }
  abstract act(model: Model, real: Real): Promise<void>;
  /** Acts, then looks at the whole: state, fields and what a query would get now must be the model's. */
  async run(model: Model, real: Real): Promise<void> {
    store.set.now = model.now;
    store.set.auditDown = model.auditDown;
    await this.act(model, real);
    const consent = await store.consents.read(real.id);
    expect([consent?.state, consent?.subject]).toEqual([model.state, model.subject]);
    expect(consent === null ? {} : agreedFields(consent)).toEqual(model.fields);
    const service = await store.consents.services.read(ROWS[0].id);
    const by = caller({ consent: real.id });
    const { permitted } = decide({
      consent,
      service,
      subject: { state: 'ACTIVE' },
      caller: by,
      contract: CONTRACT,
      asked: ASKED,
      now: model.now,
    });
    const isOpen = model.state === 'ACTIVE' && model.subject === HER && model.now < model.until && model.recorded;
    expect(permitted).toEqual(isOpen ? model.fields : {});
    const stale = decide({
      consent,
      service,
      subject: { state: 'ACTIVE' },
      caller: { ...by, subject: HIM },
      contract: CONTRACT,
      asked: ASKED,
      now: model.now,
    });
    expect(stale.permitted).toEqual({});
  }
}

class Login extends Command {
  readonly subject: string;
  constructor(subject: string) {
    super();
    this.subject = subject;
  }
  override async act(model: Model, { id }: Real): Promise<void> {
    const shown = await store.consents.screen({
      consentId: id,
      subject: this.subject,
      proof: proof('citizen-certificate'),
      language: 'en',
    });
    const isTheirs = model.subject === null || model.subject === this.subject;
    expect(shown.kind).toBe(isTheirs && model.state === 'REQUESTED' && model.now < model.until ? 'SHOWN' : 'REFUSED');
    if (shown.kind === 'SHOWN' && model.subject === null) {
      model.subject = this.subject;
      model.events.push('REQUESTED');
    }
  }
  override toString(): string {
    return `login(${this.subject === HER ? 'her' : 'him'})`;
  }
}

class Agree extends Command {
  readonly fields: FieldSet;
  constructor(fields: FieldSet) {
    super();
    this.fields = fields;
  }
  override async act(model: Model, { id }: Real): Promise<void> {
    const who = { consentId: id, subject: HER, proof: proof('citizen-certificate') };
    const shown = model.subject === HER ? await store.consents.screen({ ...who, language: 'en' }) : null;
    const agreeing = store.consents.grant({
      ...who,
      agreed: this.fields,
      acts: [],
      screenHash: shown?.kind === 'SHOWN' ? shown.hash : 'none',
    });
    const isPossible =
      model.state === 'REQUESTED' && model.subject === HER && model.now < model.until && isEmpty(difference(REQUIRED, this.fields));
    const granted = await agreeing.then(
      ({ kind }) => kind,
      () => 'UNRECORDED',
    );
    expect(granted).toBe(!isPossible ? 'REFUSED' : model.auditDown ? 'UNRECORDED' : 'CHANGED');
    if (!isPossible) return;
    Object.assign(model, { state: 'ACTIVE', fields: this.fields, until: model.now + 182 * DAY, recorded: !model.auditDown });
    model.until = (await store.consents.read(id))?.notAfter ?? 0;
    model.events.push('GRANTED');
  }
  override toString(): string {
    return `agree(${JSON.stringify(this.fields)})`;
  }
}

class Withdraw extends Command {
  readonly subject: string;
  constructor(subject: string) {
    super();
    this.subject = subject;
  }
  override async act(model: Model, { id }: Real): Promise<void> {
    const result = await store.consents.withdraw({ consentId: id, subject: this.subject });
    if (model.subject !== this.subject) return expect(result).toMatchObject({ code: 'CONSENT_UNKNOWN' });
    expect(result.kind).toBe('CHANGED');
    if (model.state !== 'ACTIVE' && model.state !== 'REQUESTED') return;
    const [state, event] = model.state === 'ACTIVE' ? (['WITHDRAWN', 'WITHDRAWN'] as const) : (['DECLINED', 'DECLINED'] as const);
    model.state = state;
    model.events.push(event);
  }
  override toString(): string {
    return `withdraw(${this.subject === HER ? 'her' : 'him'})`;
  }
}

class Narrow extends Command {
  readonly drop: FieldSet;
  constructor(drop: FieldSet) {
    super();
    this.drop = drop;
  }
  override async act(model: Model, { id }: Real): Promise<void> {
    const result = await store.consents.narrow({ consentId: id, subject: HER, drop: this.drop });
    const isPossible = model.subject === HER && model.state === 'ACTIVE' && model.now < model.until;
    expect(result.kind).toBe(isPossible ? 'CHANGED' : 'REFUSED');
    if (!isPossible || isEmpty(intersection(model.fields, this.drop))) return;
    const left = difference(model.fields, this.drop);
    if (isEmpty(left)) model.state = 'WITHDRAWN';
    else model.fields = left;
    model.events.push(isEmpty(left) ? 'WITHDRAWN' : 'NARROWED');
  }
  override toString(): string {
    return `narrow(${JSON.stringify(this.drop)})`;
  }
}

class Shorten extends Command {
  readonly days: number;
  constructor(days: number) {
    super();
    this.days = days;
  }
  override async act(model: Model, { id }: Real): Promise<void> {
    const notAfter = model.now + this.days * DAY;
    const result = await store.consents.shorten({ consentId: id, subject: HER, notAfter });
    const isLive = model.subject === HER && model.state === 'ACTIVE' && model.now < model.until;
    expect(result.kind).toBe(isLive && notAfter <= model.until ? 'CHANGED' : 'REFUSED');
    if (!isLive || notAfter >= model.until) return;
    model.until = notAfter;
    model.events.push('SHORTENED');
  }
  override toString(): string {
    return `shorten(${this.days} days)`;
  }
}

class TakeUse extends Command {
  readonly document: string;
  constructor(document: string) {
    super();
    this.document = document;
  }
  override async act(model: Model, { id }: Real): Promise<void> {
    const result = await store.consents.takeUse(id, { grant: 'g', documentHash: this.document, variablesHash: 'v' }, model.now);
    const isRepeat = model.uses.some(({ key, at }) => key === this.document && model.now < at + 10 * MINUTE);
    const isLive = model.state === 'ACTIVE' && model.now < model.until;
    expect(result).toBe(
      model.state === 'USED_UP' ? 'USED_UP' : !isLive ? 'NOT_ACTIVE' : isRepeat ? 'REPEATED' : model.uses.length < 2 ? 'TAKEN' : 'USED_UP',
    );
    if (result === 'TAKEN') model.uses.push({ key: this.document, at: model.now });
  }
  override toString(): string {
    return `use(${this.document})`;
  }
}

class Wait extends Command {
  readonly ms: number;
  constructor(ms: number) {
    super();
    this.ms = ms;
  }
  override async act(model: Model): Promise<void> {
    model.now += this.ms;
  }
  override toString(): string {
    return `wait(${this.ms / MINUTE} min)`;
  }
}

class Sweep extends Command {
  /** A request nobody logged in to would be gone, and with it everything to look at. */
  override check(model?: Readonly<Model>): boolean {
    return model?.subject !== null;
  }
  override async act(model: Model): Promise<void> {
    await store.consents.sweepExpired();
    if ((model.state === 'ACTIVE' || model.state === 'REQUESTED') && model.now >= model.until) {
      model.state = 'EXPIRED';
      model.events.push('EXPIRED');
    } else if (model.state === 'ACTIVE' && model.uses.length === 2 && model.uses.every(({ at }) => model.now >= at + 10 * MINUTE)) {
      model.state = 'USED_UP';
      model.events.push('USED_UP');
    }
  }
  override toString(): string {
    return 'sweep';
  }
}

class AuditLog extends Command {
  readonly down: boolean;
  constructor(down: boolean) {
    super();
    this.down = down;
  }
  override async act(model: Model): Promise<void> {
    await store.consents.close();
    model.auditDown = this.down;
    store.set.auditDown = this.down;
    if (this.down) return;
    await store.consents.publishOutbox();
    model.recorded = true;
  }
  override toString(): string {
    return this.down ? 'audit log fails' : 'publish';
  }
}

const some = fc.subarray([...PAIRS]).map((pairs) => fieldSet(pairs));
const commands: fc.Arbitrary<Step>[] = [
  fc.constantFrom(HER, HER, HER, HIM).map((subject) => new Login(subject)),
  some.map((fields) => new Agree(union(fields, REQUIRED))),
  some.map((fields) => new Agree(fields)),
  fc.constantFrom(HER, HIM).map((subject) => new Withdraw(subject)),
  some.map((fields) => new Narrow(fields)),
  fc.constantFrom(0, 1, 40, 400).map((days) => new Shorten(days)),
  fc.constantFrom('a', 'b', 'c').map((document) => new TakeUse(document)),
  fc.constantFrom('a', 'b', 'c').map((document) => new TakeUse(document)),
  fc.constantFrom(MINUTE, 10 * MINUTE, 61 * MINUTE, 2 * DAY, 200 * DAY).map((ms) => new Wait(ms)),
  fc.constant(new Sweep()),
  fc.boolean().map((down) => new AuditLog(down)),
];

describe('a consent in the store', () => {
  it('is at every step what the model says it is, whatever is done to it in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.commands(commands, { maxCommands: 14 }), async (isGiven, steps) => {
        Object.assign(store.set, { now: NOW, auditDown: false });
        const id = await store.ask(ASKED, { service: ROWS[0].id });
        const model: Model = {
          state: 'REQUESTED',
          subject: null,
          fields: {},
          until: NOW + 60 * MINUTE,
          now: NOW,
          uses: [],
          events: [],
          auditDown: false,
          recorded: true,
        };
        // Half of the runs begin with a consent that was given: else most would be about requests.
        if (isGiven) for (const step of [new Login(HER), new Agree(ASKED)]) await step.run(model, { id });
        await fc.asyncModelRun(() => ({ model, real: { id } }), steps);
        store.set.auditDown = false;
        await store.consents.close();
        await store.consents.publishOutbox();
        const events = store.published.filter(({ consent }) => consent === id);
        expect(events.map(({ event }) => event)).toEqual(model.events);
        expect(new Set(events.map(({ consentVersion }) => consentVersion)).size).toBe(events.length);
        await store.consents.withdraw({ consentId: id, subject: HER });
        await store.consents.withdraw({ consentId: id, subject: HIM });
        await store.consents.close();
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
