import type { Automaton } from './automaton.js';
import { hasChar } from './char-set.js';
import { automatonOf, type Glob } from './glob.js';

/**
 * True if the pattern matches the whole path. Takes time linear in the path, whatever the pattern.
 *
 * The path is relative to the repository root with `/` between non-empty segments; other spellings (`a//b`, `a/`) match
 * nothing. An absolute path lies outside the root, so only a leading globstar reaches it: `home/**` does not match
 * `/home/ana`, `**` does.
 */
export function matchesGlob(glob: Glob, path: string): boolean {
  if (path === '' || path.endsWith('/') || path.includes('//')) return false;
  return runAutomaton(automatonOf(glob), path.toWellFormed());
}

function runAutomaton(automaton: Automaton, text: string): boolean {
  let states = new Set([0]);
  let onlyDeep = text.startsWith('/');
  for (const char of text) {
    const codePoint = char.codePointAt(0) as number;
    const next = new Set<number>();
    for (const state of states) {
      for (const move of automaton.moves[state] ?? []) {
        if (hasChar(move.on, codePoint) && (move.deep || !onlyDeep)) next.add(move.to);
      }
    }
    if (next.size === 0) return false;
    states = next;
    onlyDeep = false;
  }
  for (const state of states) if (automaton.accepts[state]) return true;
  return false;
}
