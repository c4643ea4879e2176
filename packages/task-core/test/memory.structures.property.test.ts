import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyJson } from '../src/memory/copy-json.js';
import { createSortedSet } from '../src/memory/sorted-set.js';
import { createTrie } from '../src/memory/trie.js';

describe('a sorted set', () => {
  it('holds what a sorted list holds, whatever is added and removed', () => {
    const change = fc.tuple(fc.boolean(), fc.nat({ max: 60 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), fc.nat({ max: 60 }), (changes, from) => {
        const set = createSortedSet<number>((a, b) => a - b);
        const list = new Set<number>();
        for (const [adds, value] of changes) {
          if (!adds) set.remove(value);
          else if (!list.has(value)) set.add(value);
          if (adds) list.add(value);
          else list.delete(value);
        }
        const sorted = [...list].sort((a, b) => a - b);
        expect([...set.from()]).toEqual(sorted);
        expect([...set.from((value) => value < from)]).toEqual(sorted.filter((value) => value >= from));
        expect([set.size, set.first()]).toEqual([sorted.length, sorted[0]]);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('keeps its order over many thousands, in whatever order they come and go', () => {
    const set = createSortedSet<number>((a, b) => a - b);
    const count = 20_011;
    // A step that shares no factor with the count comes to every value once.
    for (let n = 0; n < count; n++) set.add((n * 7_919) % count);
    expect([...set.from()]).toEqual(Array.from({ length: count }, (_, n) => n));
    for (let n = 0; n < count; n++) {
      const value = (n * 104_729) % count;
      set.remove(value);
      set.remove(value);
    }
    expect([set.size, set.first(), [...set.from()]]).toEqual([0, undefined, []]);
  });
});

describe('a trie', () => {
  it('finds what lies on the way to a path or below it, and nothing else', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 });
    const isBeginning = (one: readonly string[], other: readonly string[]) =>
      one.length <= other.length && one.every((step, index) => step === other[index]);
    fc.assert(
      fc.property(fc.array(fc.tuple(path, fc.boolean()), { maxLength: 30 }), path, (added, wanted) => {
        const trie = createTrie<number>();
        added.forEach(([at], index) => {
          trie.add(at, index);
        });
        const kept = added.map(([at, keeps], index) => ({ at, keeps, index })).filter(({ keeps }) => keeps);
        added.forEach(([at, keeps], index) => {
          if (!keeps) trie.remove(at, index);
        });
        trie.remove(['c', 'c', 'c', 'c', 'c'], 0);
        const expected = kept.filter(({ at }) => isBeginning(at, wanted) || isBeginning(wanted, at));
        expect([...trie.related(wanted)].sort()).toEqual(expected.map(({ index }) => index).sort());
      }),
      { numRuns: 1_000, seed: 2 },
    );
  });
});

describe('a copy of a JSON value', () => {
  it('is equal and shares nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value);
        const copy = copyJson(value);
        expect(JSON.stringify(copy)).toBe(before);
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('leaves out what is undefined, and keeps a member called __proto__ one', () => {
    const value = JSON.parse('{"__proto__":{"x":1},"a":[{"b":null}]}');
    expect(JSON.stringify(copyJson({ ...value, c: undefined }))).toBe('{"__proto__":{"x":1},"a":[{"b":null}]}');
    expect(JSON.stringify(copyJson(value))).toBe('{"__proto__":{"x":1},"a":[{"b":null}]}');
  });
});
