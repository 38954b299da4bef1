import type { Contract, Leaf } from '../../schema/contract.ts';
import type { FieldSet } from '../../schema/fieldSet.ts';
import type { Consent, Service } from './consent.ts';
import { isOpenable, isRegistered, leafAt, statementCovers } from './registration.ts';

/** What a live consent says of one field. */
export const VERDICT = { NOT_CONSENTED: 0, ASSURANCE_TOO_LOW: 1, OPEN: 2 } as const;

/** Verdicts of two bits, this many to a UTF-16 unit: below the surrogates, so that the text is a plain one. */
const PER_UNIT = 7;

/** The leaves that a registration reaches under one contract, numbered. No consent given to the service opens another. */
interface Reach {
  readonly contract: Contract;
  readonly numbers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly leaves: readonly Leaf[];
  /** Numbers of what an operation asks, in its order; -1: out of reach. */
  readonly asked: WeakMap<FieldSet, { readonly id: string; readonly numbers: Int32Array }>;
}

interface Input {
  readonly consent: Consent;
  readonly service: Service;
  readonly contract: Contract;
  readonly asked: FieldSet;
}

const reaches = new WeakMap<Service, Reach>();
const verdicts = new WeakMap<Consent, { readonly reach: Reach; readonly of: Uint8Array }>();
let lastId = 0;

/**
 * The verdicts on every field of `asked`, in its order, as a short text under a name of (registration, contract, `asked`): two inputs with the
 * same text have the same decision, field by field. Nothing of whom is in it. Verdicts are held with the consent, numbers with the registration, for
 * as long as those are; so all must be frozen: null when one is not.
 */
export function fieldVerdicts({ consent, service, contract, asked }: Input): string | null {
  if (!Object.isFrozen(consent) || !Object.isFrozen(service) || !Object.isFrozen(asked)) return null;
  const reach = reachOf(service, contract);
  const { id, numbers } = askedOf(reach, asked);
  const held = verdicts.get(consent);
  const of = held?.reach === reach ? held.of : verdictsOf(consent, reach);
  let text = id;
  let unit = 0;
  for (let place = 0; place < numbers.length; place++) {
    const number = numbers[place] as number;
    unit = unit * 4 + (number < 0 ? VERDICT.NOT_CONSENTED : (of[number] as number));
    if (place % PER_UNIT !== PER_UNIT - 1) continue;
    text += String.fromCharCode(unit);
    unit = 0;
  }
  return text + String.fromCharCode(unit);
}

function reachOf(service: Service, contract: Contract): Reach {
  const known = reaches.get(service);
  if (known?.contract === contract) return known;
  const leaves: Leaf[] = [];
  const numbers = new Map<string, Map<string, number>>();
  for (const { dataset, fields } of service.datasets) {
    const ofDataset = numbers.get(dataset) ?? new Map<string, number>();
    numbers.set(dataset, ofDataset);
    for (const path of fields) {
      const leaf = leafAt(contract, dataset, path);
      if (leaf === undefined || ofDataset.has(path) || !isRegistered(service, leaf)) continue;
      ofDataset.set(path, leaves.length);
      leaves.push(leaf);
    }
  }
  const reach: Reach = { contract, numbers, leaves, asked: new WeakMap() };
  reaches.set(service, reach);
  return reach;
}

function askedOf({ numbers, asked: known }: Reach, asked: FieldSet) {
  const held = known.get(asked);
  if (held !== undefined) return held;
  const found = Object.entries(asked).flatMap(([dataset, paths]) => paths.map((path) => numbers.get(dataset)?.get(path) ?? -1));
  const made = { id: `${(lastId += 1)} `, numbers: Int32Array.from(found) };
  known.set(asked, made);
  return made;
}

/** Each as `decide` finds it (`fieldRefusal`), for all leaves in reach at once. */
function verdictsOf(consent: Consent, reach: Reach): Uint8Array {
  const of = new Uint8Array(reach.leaves.length);
  const each = (fields: FieldSet, found: (leaf: Leaf, number: number) => void): void => {
    for (const dataset of Object.keys(fields)) {
      const ofDataset = reach.numbers.get(dataset);
      for (const path of ofDataset === undefined ? [] : (fields[dataset] ?? [])) {
        const number = ofDataset?.get(path);
        if (number !== undefined) found(reach.leaves[number] as Leaf, number);
      }
    }
  };
  for (const { kind, proof, fields } of consent.statements) {
    each(fields, (leaf, number) => {
      if (!statementCovers(kind, leaf)) return;
      const verdict = leaf.methods.includes(proof.method) ? VERDICT.OPEN : VERDICT.ASSURANCE_TOO_LOW;
      if (verdict > (of[number] as number)) of[number] = verdict;
    });
  }
  const proofs = [...(consent.proofs ?? []), ...consent.statements.map(({ proof }) => proof)];
  each(consent.requested?.fields ?? {}, (leaf, number) => {
    if (of[number] === VERDICT.NOT_CONSENTED && !isOpenable(leaf, proofs)) of[number] = VERDICT.ASSURANCE_TOO_LOW;
  });
  verdicts.set(consent, { reach, of });
  return of;
}
