import { describe, expect, it } from '@jest/globals';
import { Frontier } from '../../src/merkle/frontier.js';
import { hashLeaf, hashNode } from '../../src/merkle/leaf.js';

// The leaves and roots of Certificate Transparency's own Merkle tests (google/certificate-transparency, merkletree).
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
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
const leaves = LEAVES.map((hex) => hashLeaf(Buffer.from(hex, 'hex')));

/** The definition of RFC 6962 §2.1, word by word. */
function definedRoot(all: readonly Buffer[]): Buffer {
  if (all.length === 1) return all[0] as Buffer;
  let split = 1;
  while (split * 2 < all.length) split *= 2;
  return hashNode(definedRoot(all.slice(0, split)), definedRoot(all.slice(split)));
}

describe('Frontier', () => {
  it('has the hash of nothing as the root of an empty tree', () => {
    expect(new Frontier().root().toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('gives the roots of the Certificate Transparency test vectors', () => {
    const tree = new Frontier();
    const roots = leaves.map((leaf) => {
      tree.append(leaf);
      return tree.root().toString('hex');
    });
    expect(roots).toEqual(ROOTS);
  });

  it('agrees with the recursive definition at every size to 70, also after being written and read back', () => {
    let tree = new Frontier();
    const all: Buffer[] = [];
    for (let i = 0; i < 70; i++) {
      const leaf = hashLeaf(`line ${i}`);
      all.push(leaf);
      tree.append(leaf);
      tree = Frontier.parse(all.length, tree.toBytes()) as Frontier;
      expect(tree.root()).toEqual(definedRoot(all));
    }
  });

  it('refuses bytes that do not fit the size', () => {
    expect(Frontier.parse(3, Buffer.alloc(32))).toBeUndefined();
    expect(Frontier.parse(-1, Buffer.alloc(0))).toBeUndefined();
    expect(Frontier.parse(1.5, Buffer.alloc(32))).toBeUndefined();
    expect(Frontier.parse(2 ** 40, Buffer.alloc(32))?.size).toBe(2 ** 40);
  });

  it('leaves the original alone when a clone grows', () => {
    const tree = new Frontier();
    tree.append(leaves[0] as Buffer);
    const clone = tree.clone();
    clone.append(leaves[1] as Buffer);
    expect([tree.size, clone.size]).toEqual([1, 2]);
    expect(tree.root().toString('hex')).toBe(ROOTS[0]);
  });

  it('hashes a string as its UTF-8', () => {
    expect(hashLeaf('Größe')).toEqual(hashLeaf(Buffer.from('Größe')));
  });
});
