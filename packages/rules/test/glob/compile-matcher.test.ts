import { describe, expect, it } from '@jest/globals';
import { compileMatcher } from '../../src/glob/compile-matcher.js';
import { checkGlob, matchesGlob, parseGlob } from '../../src/glob/index.js';
import { createRandom } from '../random.js';

describe('compileMatcher', () => {
  it('says what matchesGlob says, for 4,000 random patterns on 25 random paths each', () => {
    const random = createRandom(23);
    const text = (parts: readonly string[], limit: number): string =>
      Array.from({ length: random.below(limit) }, () => random.pick(parts)).join('');
    const chars = ['a', 'b', '/', '/', '.', 'é', '\u{1F600}', '\ud83d', '\0'];
    let matched = 0;
    for (let round = 0; round < 4000; round++) {
      const pattern = text(['a', 'b', '/', '*', '**', '**/', '/**', '?', '{a,b/}', '[!a]', '[a-c]', 'é', '.'], 6);
      if (checkGlob(pattern) !== null) continue;
      const glob = parseGlob(pattern);
      const matches = compileMatcher(glob);
      for (let at = 0; at < 25; at++) {
        const path = text(chars, 8);
        const expected = matchesGlob(glob, path);
        if (matches(path) !== expected) throw new Error(`${pattern} on ${JSON.stringify(path)}: ${expected}`);
        if (expected) matched++;
      }
    }
    expect(matched).toBeGreaterThan(1000);
  });

  it('goes on without remembering where a pattern has very many states', () => {
    const glob = parseGlob(`**/*a${'?'.repeat(20)}`);
    const matches = compileMatcher(glob);
    const random = createRandom(1);
    for (let round = 0; round < 300; round++) {
      const path = Array.from({ length: 60 }, () => random.pick(['a', 'b'])).join('');
      expect(matches(path)).toBe(matchesGlob(glob, path));
    }
  });
});
