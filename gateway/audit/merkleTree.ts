import { hash } from 'node:crypto';

/**
 * Merkle tree of RFC 9162 §2.1 with SHA-256. Pure; hashes are 32-byte buffers.
 * A {@link Frontier} is all that a writer keeps: the roots of the perfect subtrees, largest first, so that a leaf costs about one hash.
 */
export interface Frontier {
  readonly size: number;
  readonly peaks: readonly Buffer[];
}

export const EMPTY_TREE: Frontier = { size: 0, peaks: [] };

/** HASH(0x00 ‖ data), §2.1.1. */
export function leafHash(data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(1 + data.length);
  bytes[0] = 0;
  bytes.set(data, 1);
  return hash('sha256', bytes, 'buffer');
}

/** HASH(0x01 ‖ left ‖ right), §2.1.1. */
function nodeHash(left: Buffer, right: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(65);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return hash('sha256', bytes, 'buffer');
}

/** The tree with one leaf more; `leaf` is a leaf hash. */
export function grow({ size, peaks }: Frontier, leaf: Buffer): Frontier {
  const grown = peaks.slice();
  let top = leaf;
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) top = nodeHash(grown.pop() as Buffer, top);
  grown.push(top);
  return { size: size + 1, peaks: grown };
}

/** MTH(D[n]) of §2.1.1; HASH() of an empty tree. */
export function rootOf({ peaks }: Frontier): Buffer {
  return peaks.length === 0 ? hash('sha256', '', 'buffer') : peaks.reduceRight((right, left) => nodeHash(left, right));
}

/** MTH over leaf hashes. */
export function rootOver(leaves: readonly Buffer[]): Buffer {
  return rootOf(leaves.reduce(grow, EMPTY_TREE));
}

/** Largest power of two smaller than `size` (§2.1.1's k). */
function split(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

/** PATH(m, D[n]) of §2.1.3.1: proves that leaf `index` is in the tree over `leaves`. Throws RangeError outside it. */
export function inclusionProof(leaves: readonly Buffer[], index: number): Buffer[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`No leaf ${index} in a tree of ${leaves.length}.`);
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return index < k ? [...inclusionProof(left, index), rootOver(right)] : [...inclusionProof(right, index - k), rootOver(left)];
}

/** §2.1.3.2: whether `proof` shows that `leaf` is number `index` in the tree of `size` leaves with this root. */
export function provesInclusion(leaf: Buffer, index: number, size: number, proof: readonly Buffer[], root: Buffer): boolean {
  if (index < 0 || index >= size) return false;
  let [fn, sn, result] = [index, size - 1, leaf];
  for (const step of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      result = nodeHash(step, result);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      result = nodeHash(result, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && result.equals(root);
}

/** PROOF(m, D[n]) of §2.1.4.1: proves that the tree over `leaves` continues the tree over its first `first`. Throws RangeError outside it. */
export function consistencyProof(leaves: readonly Buffer[], first: number): Buffer[] {
  if (!Number.isInteger(first) || first < 1 || first > leaves.length)
    throw new RangeError(`No tree of ${first} in a tree of ${leaves.length}.`);
  const proof = (part: readonly Buffer[], m: number, whole: boolean): Buffer[] => {
    if (m === part.length) return whole ? [] : [rootOver(part)];
    const k = split(part.length);
    return m <= k
      ? [...proof(part.slice(0, k), m, whole), rootOver(part.slice(k))]
      : [...proof(part.slice(k), m - k, false), rootOver(part.slice(0, k))];
  };
  return proof(leaves, first, true);
}

/** §2.1.4.2: whether `proof` shows that the tree (`second`, `secondRoot`) continues the tree (`first`, `firstRoot`). */
export function provesConsistency(first: number, second: number, firstRoot: Buffer, secondRoot: Buffer, proof: readonly Buffer[]): boolean {
  if (first < 1 || first > second) return false;
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot);
  const power = Number.isInteger(Math.log2(first));
  const steps = power ? [firstRoot, ...proof] : [...proof];
  const start = steps.shift();
  if (start === undefined) return false;
  let [fn, sn] = [first - 1, second - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [old, now] = [start, start];
  for (const step of steps) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      old = nodeHash(step, old);
      now = nodeHash(step, now);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      now = nodeHash(now, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && old.equals(firstRoot) && now.equals(secondRoot);
}
