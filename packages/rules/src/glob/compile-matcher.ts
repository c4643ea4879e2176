import type { Glob } from './glob.js';
import { DEAD, LazyDfa } from './lazy-dfa.js';
import { matchesGlob } from './match.js';

/** Some hundred kilobytes; ordinary patterns have a few dozen states. */
const MAX_STATES = 256;

/** What `matchesGlob` says, for a pattern that is matched many times: remembers the states it has been through. */
export function compileMatcher(glob: Glob): (path: string) => boolean {
  const { literalPrefix, literalSuffix } = glob;
  const dfa = new LazyDfa(glob);
  return (path) => {
    if (!path.startsWith(literalPrefix) || !path.endsWith(literalSuffix)) return false;
    const text = path.toWellFormed();
    let state = dfa.start;
    for (let at = 0; at < text.length; at++) {
      if (dfa.size > MAX_STATES) return matchesGlob(glob, text);
      const codePoint = text.codePointAt(at) as number;
      if (codePoint > 0xffff) at++;
      state = dfa.next(state, codePoint);
      if (state === DEAD) return false;
    }
    return dfa.accepts(state);
  };
}
