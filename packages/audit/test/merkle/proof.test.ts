import { describe, expect, it } from '@jest/globals';
import {
  createConsistencyProof,
  createInclusionProof,
  hashLeaf,
  proveConsistency,
  proveInclusion,
  verifyConsistencyProof,
  verifyInclusionProof,
} from '../../src/index.js';
import { Frontier } from '../../src/merkle/frontier.js';
import { sampleLog } from '../support/store.js';

const MOST = 33;
const leaves = Array.from({ length: MOST }, (_, i) => hashLeaf(`leaf ${i}`));
const rootOf = (size: number): Buffer => {
  const tree = new Frontier();
  for (const leaf of leaves.slice(0, size)) tree.append(leaf);
  return tree.root();
};
const roots = Array.from({ length: MOST + 1 }, (_, size) => rootOf(size));
const flip = (hash: Uint8Array): Buffer => Buffer.from(hash.map((byte, i) => (i === 7 ? byte ^ 1 : byte)));

// The leaves and some proofs of Certificate Transparency's own Merkle tests.
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => hashLeaf(Buffer.from(hex, 'hex')));
const CT_INCLUSION_0_OF_8 = [
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
];
const CT_CONSISTENCY_6_TO_8 = [
  '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
];

describe('an inclusion proof', () => {
  it('is the one of the Certificate Transparency test vectors', () => {
    expect(createInclusionProof(CT_LEAVES, 0, 8).map((each) => each.toString('hex'))).toEqual(CT_INCLUSION_0_OF_8);
    expect(createInclusionProof(CT_LEAVES, 0, 1)).toEqual([]);
  });

  it('verifies for every leaf of every size, and for no other leaf, place, size or root', () => {
    for (let size = 1; size <= MOST; size++) {
      for (let index = 0; index < size; index++) {
        const proof = createInclusionProof(leaves, index, size);
        const claim = { leaf: leaves[index] as Buffer, index, size, root: roots[size] as Buffer };
        expect(verifyInclusionProof(proof, claim)).toBe(true);
        expect(verifyInclusionProof(proof, { ...claim, leaf: flip(claim.leaf) })).toBe(false);
        expect(verifyInclusionProof(proof, { ...claim, root: flip(claim.root) })).toBe(false);
        expect(verifyInclusionProof([...proof, claim.leaf], claim)).toBe(false);
        expect(verifyInclusionProof(proof, { ...claim, index: size })).toBe(false);
        if (proof.length > 0) {
          expect(verifyInclusionProof(proof.slice(1), claim)).toBe(false);
          expect(verifyInclusionProof([flip(proof[0] as Buffer), ...proof.slice(1)], claim)).toBe(false);
        }
      }
    }
  });

  it('is refused outside of the tree', () => {
    for (const [index, size] of [
      [3, 3],
      [-1, 3],
      [0, MOST + 1],
      [0.5, 3],
    ] as const) {
      expect(() => createInclusionProof(leaves, index, size)).toThrow(expect.objectContaining({ code: 'PROOF_RANGE' }));
    }
    expect(
      verifyInclusionProof([Buffer.alloc(31)], {
        leaf: leaves[0] as Buffer,
        index: 0,
        size: 2,
        root: roots[2] as Buffer,
      }),
    ).toBe(false);
  });
});

describe('a consistency proof', () => {
  it('is the one of the Certificate Transparency test vectors', () => {
    expect(createConsistencyProof(CT_LEAVES, 6, 8).map((each) => each.toString('hex'))).toEqual(CT_CONSISTENCY_6_TO_8);
  });

  it('verifies between any two sizes, and for no other trees', () => {
    for (let size = 1; size <= MOST; size++) {
      for (let oldSize = 0; oldSize <= size; oldSize++) {
        const proof = createConsistencyProof(leaves, oldSize, size);
        const claim = { oldSize, oldRoot: roots[oldSize] as Buffer, size, root: roots[size] as Buffer };
        expect(verifyConsistencyProof(proof, claim)).toBe(true);
        expect(verifyConsistencyProof(proof, { ...claim, oldRoot: flip(claim.oldRoot) })).toBe(false);
        expect(verifyConsistencyProof([...proof, claim.root], claim)).toBe(false);
        if (oldSize === 0) continue;
        expect(verifyConsistencyProof(proof, { ...claim, root: flip(claim.root) })).toBe(false);
        if (proof.length > 0) expect(verifyConsistencyProof(proof.slice(1), claim)).toBe(false);
      }
    }
  });

  it('is refused for a tree that shrinks', () => {
    expect(() => createConsistencyProof(leaves, 4, 3)).toThrow(expect.objectContaining({ code: 'PROOF_RANGE' }));
    const claim = { oldSize: 4, oldRoot: roots[4] as Buffer, size: 3, root: roots[3] as Buffer };
    expect(verifyConsistencyProof([], claim)).toBe(false);
    expect(verifyConsistencyProof([], { ...claim, oldSize: 3, size: 4 })).toBe(false);
  });
});

describe('the proofs of a ledger', () => {
  it('verify against its head', () => {
    const { lines, store } = sampleLog(9);
    const { root, size } = store.ledger.head();
    const decode = (hashes: readonly string[]): Buffer[] => hashes.map((each) => Buffer.from(each, 'base64'));
    const inclusion = proveInclusion(store.ledger, 4);
    const claim = { leaf: hashLeaf(String(lines[3])), index: 3, size, root: Buffer.from(root, 'base64') };
    expect(verifyInclusionProof(decode(inclusion.hashes), claim)).toBe(true);
    const tree = new Frontier();
    for (const line of lines.slice(0, 5)) tree.append(hashLeaf(line));
    const consistency = proveConsistency(store.ledger, 5);
    store.remove();
    const trees = { oldSize: 5, oldRoot: tree.root(), size, root: claim.root };
    expect(verifyConsistencyProof(decode(consistency.hashes), trees)).toBe(true);
  });
});
