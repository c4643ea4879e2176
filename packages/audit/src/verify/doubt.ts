import type { Frontier } from '../merkle/frontier.js';
import { type Link, leafOf } from './link.js';
import type { Finding } from './report.js';

/** Something is wrong, and only what follows can tell what: a doubt sees the rest of the lines and is then settled. */
export interface Doubt {
  see(link: Link): void;
  /** `headRoot` is the root (base64) that all lines should have, if the log has a head of that many entries. */
  settle(headRoot: string | undefined): Finding;
}

/** Entry `expected` is not where it should be. It is missing, unless it comes later. */
export function doubtGap(expected: number): Doubt {
  let later = false;
  return {
    see(link) {
      later ||= link.sequence === expected;
    },
    settle: () =>
      later
        ? { kind: 'reordered', firstBad: expected, reason: `Entry ${expected} stands after a later one.` }
        : { kind: 'missing', firstBad: expected, reason: `Entry ${expected} is not there.` },
  };
}

/**
 * The first `size` lines do not have the root that was recorded of them. If the next line does not quote this one either,
 * this one was edited. If the chain goes on unbroken, somebody rewrote it from some entry on that no root narrows down.
 */
export function doubtRoot(size: number, confirmed: number, leaf: string, source: string): Doubt {
  let next: 'chained' | 'broken' | undefined;
  return {
    see(link) {
      next ??= link.prevhash === leaf ? 'chained' : 'broken';
    },
    settle() {
      const what = `The root of the first ${size} entries is not the one that the ${source} states`;
      const rewritten = `the log was rewritten from somewhere between entries ${confirmed + 1} and ${size} on`;
      if (next === 'chained') return { kind: 'edited', firstBad: confirmed + 1, reason: `${what}: ${rewritten}.` };
      const or = next === 'broken' || confirmed === size - 1 ? '' : `, or ${rewritten}`;
      return { kind: 'edited', firstBad: size, reason: `${what}: entry ${size} was edited${or}.` };
    },
  };
}

interface BrokenLink {
  /** Number of the line that quotes another hash than the line before it has. */
  at: number;
  link: Link & { prevhash: string };
  /** The tree over all lines before the one that is misquoted. */
  before: Frontier;
  /** The recorded root (base64) of so many entries, if there is one. */
  rootAt(size: number): string | undefined;
}

/**
 * Line `at` quotes another hash than the line before it has: that line was edited, or the quote was. The quotes of all later
 * lines tell the leaves as they once were; if those add up to a recorded root, the quotes are right. Without such a root, a
 * next line that quotes this one as it stands speaks for this one.
 */
export function doubtBreak({ at, link, before, rootAt }: BrokenLink): Doubt {
  let quoted: Frontier | undefined = before.clone();
  let last = link;
  let next: 'chained' | 'broken' | undefined;
  let rooted: 'quotes' | 'other' | undefined;
  const add = (leaf: Buffer, root = rootAt((quoted?.size ?? 0) + 1)): void => {
    quoted?.append(leaf);
    if (root === undefined || rooted === 'quotes') return;
    rooted = quoted?.root().toString('base64') === root ? 'quotes' : 'other';
  };
  add(leafOf(link.prevhash));
  return {
    see(following) {
      next ??= following.prevhash === link.hash ? 'chained' : 'broken';
      if (following.prevhash === undefined) quoted = undefined;
      else add(leafOf(following.prevhash));
      last = { ...following, prevhash: following.prevhash ?? '' };
    },
    settle(headRoot) {
      add(last.leaf, headRoot ?? rootAt((quoted?.size ?? 0) + 1));
      const quoteIsRight = rooted === 'quotes' || next === 'chained' || (next === undefined && rooted === undefined);
      const firstBad = quoteIsRight ? at - 1 : at;
      return { kind: 'edited', firstBad, reason: `Entry ${firstBad} is not as it was written.` };
    },
  };
}
