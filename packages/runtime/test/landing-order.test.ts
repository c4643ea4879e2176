import { describe, expect, it } from '@jest/globals';
import type { Ledger, LedgerEntry } from '@signalbox/audit';
import { expectedTips } from '../src/landing/integration-guard.js';

type Move = [
  kind: 'intended' | 'landed' | 'prepared' | 'reverted' | 'accepted' | 'merged',
  commit: string,
  old?: string,
];

/** A ledger with these entries, oldest first, behind as many others as make it longer than one page. */
function ledgerOf(moves: readonly Move[], others = 0): Pick<Ledger, 'read'> {
  const filler: Move[] = Array.from({ length: others }, () => ['merged', 'x']);
  const entries = [...moves, ...filler].map(([kind, commit, old], index) => ({
    seq: index + 1,
    kind: `landing.${kind}`,
    data: kind === 'intended' ? { new: commit, old: old ?? null } : { commit },
  }));
  return {
    read: ({ before = Number.POSITIVE_INFINITY, limit = 100 } = {}) =>
      entries
        .filter(({ seq }) => seq < before)
        .reverse()
        .slice(0, limit) as unknown as LedgerEntry[],
  };
}

const tips = (...moves: Move[]): string[] => [...expectedTips(ledgerOf(moves))];

describe('where the integration branch should be', () => {
  it('is nowhere before the first move, and where a first move would put it', () => {
    expect(tips()).toEqual([]);
    expect(tips(['intended', 'a'])).toEqual(['a']);
  });

  it('is where the last move put it, or where one that is under way will', () => {
    expect(tips(['intended', 'a'], ['prepared', 'a'], ['intended', 'b', 'a'])).toEqual(['a', 'b']);
    expect(tips(['intended', 'a'], ['prepared', 'a'], ['intended', 'b', 'a'], ['landed', 'b'])).toEqual(['b']);
  });

  it('follows the moves themselves, though the end of an earlier one is written down later', () => {
    const first: Move[] = [
      ['intended', 'a'],
      ['prepared', 'a'],
      ['intended', 'b', 'a'],
      ['intended', 'c', 'b'],
    ];
    expect(tips(...first, ['landed', 'c'], ['landed', 'b'])).toEqual(['c']);
    expect(tips(...first, ['landed', 'b'])).toEqual(['b', 'c']);
    expect(tips(...first)).toEqual(['a', 'b', 'c']);
  });

  it('is not where an intent would have put it that came to nothing', () => {
    const lost: Move[] = [
      ['intended', 'a'],
      ['prepared', 'a'],
      ['intended', 'mine', 'a'],
      ['intended', 'theirs', 'a'],
      ['landed', 'theirs'],
      ['intended', 'merged', 'theirs'],
    ];
    expect(tips(...lost)).toEqual(['theirs', 'merged']);
  });

  it('is where a person has accepted it, until the next move', () => {
    const accepted: Move[] = [
      ['intended', 'a'],
      ['intended', 'b', 'a'],
      ['landed', 'b'],
      ['accepted', 'x'],
      ['landed', 'a'],
    ];
    expect(tips(...accepted)).toEqual(['x']);
    expect(tips(...accepted, ['intended', 'y', 'x'], ['reverted', 'y'])).toEqual(['y']);
  });

  it('is found behind many other entries, and without its intent', () => {
    expect([
      ...expectedTips(
        ledgerOf(
          [
            ['intended', 'a'],
            ['landed', 'a'],
          ],
          100,
        ),
      ),
    ]).toEqual(['a']);
    expect([...expectedTips(ledgerOf([['landed', 'a']], 32))]).toEqual(['a']);
  });
});
