import type { Contract, Leaf } from '../../schema/contract.ts';
import { fieldSet, type FieldSet } from '../../schema/fieldSet.ts';
import type { IdentityProof, Service, ServiceDataset, Statement } from './consent.ts';

/** Provider of one's own download and of a preview: the data subject herself. */
export const SELF = 'self';

const leavesOf = new WeakMap<Contract, ReadonlyMap<string, ReadonlyMap<string, Leaf>>>();

/** The leaf of a dataset and path, or undefined: nobody offers it. */
export function leafAt(contract: Contract, dataset: string, path: string): Leaf | undefined {
  let index = leavesOf.get(contract);
  if (index === undefined) {
    index = new Map([...contract.datasets].map(([id, { leaves }]) => [id, new Map(leaves.map((leaf) => [leaf.path, leaf]))]));
    leavesOf.set(contract, index);
  }
  return index.get(dataset)?.get(path);
}

/** The kind of statement in which a leaf must be agreed: special-category data by an act of its own, others' data likewise. Special wins. */
export function statementKind(leaf: Pick<Leaf, 'special' | 'thirdParty'>): Statement['kind'] {
  if (leaf.special) return 'SPECIAL';
  return leaf.thirdParty ? 'THIRD_PARTY' : 'ORDINARY';
}

/** Whether a statement of this kind can open a leaf. An act of its own covers an ordinary leaf too (a mark may be lifted); never the reverse. */
export function statementCovers(kind: Statement['kind'], leaf: Pick<Leaf, 'special' | 'thirdParty'>): boolean {
  const needed = statementKind(leaf);
  return needed === 'ORDINARY' || needed === kind;
}

/**
 * Whether a service's registration reaches a leaf: it names the field, and names it as third-party data where it is that.
 * One's own download reaches third-party leaves that it names as any other.
 */
export function isRegistered(service: Service, leaf: Leaf): boolean {
  return service.datasets.some((entry) => entry.dataset === leaf.dataset && entryReaches(entry, service.provider, leaf));
}

function entryReaches(entry: ServiceDataset, provider: string, leaf: Leaf): boolean {
  return entry.fields.includes(leaf.path) && (!leaf.thirdParty || provider === SELF || entry.thirdPartyFields.includes(leaf.path));
}

/** Everything that a registration reaches under today's contract: the upper bound of every consent given to the service. */
export function upperBound(service: Service, contract: Contract): FieldSet {
  return fieldSet(
    service.datasets.map(({ dataset, fields }) => {
      const reached = fields.filter((path) => {
        const leaf = leafAt(contract, dataset, path);
        return leaf !== undefined && isRegistered(service, leaf);
      });
      return [dataset, reached];
    }),
  );
}

/** Whether a proof made so far opens a leaf today: its dataset accepts the method, and for a special leaf the method is strong enough. */
export function isOpenable(leaf: Pick<Leaf, 'methods'>, proofs: readonly IdentityProof[]): boolean {
  return proofs.some(({ method }) => leaf.methods.includes(method));
}
