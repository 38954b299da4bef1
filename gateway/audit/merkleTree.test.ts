import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  consistencyProof,
  EMPTY_TREE,
  grow,
  inclusionProof,
  leafHash,
  provesConsistency,
  provesInclusion,
  rootOf,
  rootOver,
} from './merkleTree.ts';

const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const node = (left: Buffer, right: Buffer): Buffer => sha(Buffer.of(1), left, right);

/** RFC 9162 §2.1.1 word by word. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return node(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** Inputs and roots of the certificate-transparency reference implementation's tree test (the same tree as RFC 6962 and RFC 9162). */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const trees = fc
  .array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 40 })
  .map((data) => data.map((bytes) => leafHash(bytes)));
const flip = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of((bytes[0] ?? 0) ^ 1), bytes.subarray(1)]);

describe('merkleTree', () => {
  it('has the known roots', () => {
    expect(rootOf(EMPTY_TREE).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const leaves = INPUTS.map((hex) => leafHash(Buffer.from(hex, 'hex')));
    expect(leaves.map((_, last) => rootOver(leaves.slice(0, last + 1)).toString('hex'))).toEqual(ROOTS);
  });

  it('proves as the example of RFC 9162 §2.1.5 does', () => {
    const [a, b, c, d, e, f, j] = [0, 1, 2, 3, 4, 5, 6].map((byte) => leafHash(Buffer.of(byte))) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const [g, h, i] = [node(a, b), node(c, d), node(e, f)];
    const k = node(g, h);
    const l = node(i, j);
    const leaves = [a, b, c, d, e, f, j];
    expect(inclusionProof(leaves, 0)).toEqual([b, h, l]);
    expect(inclusionProof(leaves, 3)).toEqual([c, g, l]);
    expect(inclusionProof(leaves, 4)).toEqual([f, j, k]);
    expect(inclusionProof(leaves, 6)).toEqual([i, k]);
    expect(consistencyProof(leaves, 3)).toEqual([c, d, g, l]);
    expect(consistencyProof(leaves, 4)).toEqual([l]);
    expect(consistencyProof(leaves, 6)).toEqual([i, j, k]);
  });

  it('grows to the root of the naive tree', () => {
    fc.assert(fc.property(trees, (leaves) => rootOf(leaves.reduce(grow, EMPTY_TREE)).equals(naiveRoot(leaves))));
  });

  it('proves each leaf, and nothing else', () => {
    fc.assert(
      fc.property(trees, fc.nat(), (leaves, random) => {
        const index = random % leaves.length;
        const [leaf, root, proof] = [leaves[index] as Buffer, rootOver(leaves), inclusionProof(leaves, index)];
        expect(provesInclusion(leaf, index, leaves.length, proof, root)).toBe(true);
        expect(provesInclusion(flip(leaf), index, leaves.length, proof, root)).toBe(false);
        expect(provesInclusion(leaf, index, leaves.length, [...proof, leaf], root)).toBe(false);
        expect(provesInclusion(leaf, leaves.length, leaves.length, proof, root)).toBe(false);
        if (proof.length > 0) expect(provesInclusion(leaf, index, leaves.length, proof.slice(1), root)).toBe(false);
        const other = leaves.findIndex((candidate) => !candidate.equals(leaf));
        if (other >= 0) expect(provesInclusion(leaves[other] as Buffer, index, leaves.length, proof, root)).toBe(false);
      }),
    );
  });

  it('proves that a tree continues an earlier one, and no other', () => {
    fc.assert(
      fc.property(trees, fc.nat(), (leaves, random) => {
        const first = (random % leaves.length) + 1;
        const [old, now, proof] = [rootOver(leaves.slice(0, first)), rootOver(leaves), consistencyProof(leaves, first)];
        expect(provesConsistency(first, leaves.length, old, now, proof)).toBe(true);
        expect(provesConsistency(first, leaves.length, flip(old), now, proof)).toBe(false);
        expect(provesConsistency(first, leaves.length, old, flip(now), proof)).toBe(false);
        if (proof.length > 0) expect(provesConsistency(first, leaves.length, old, now, proof.slice(0, -1))).toBe(false);
        expect(provesConsistency(leaves.length + 1, leaves.length, old, now, proof)).toBe(false);
      }),
    );
  });

  it('refuses to prove what is not there', () => {
    expect(() => inclusionProof([], 0)).toThrow(RangeError);
    expect(() => consistencyProof([leafHash(Buffer.of(1))], 2)).toThrow(RangeError);
  });
});
