import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@signalbox/testkit';
import type { Effect, LayerSource, PolicyOverride, PolicyRequest } from '../src/index.js';
import { type FileScope, randomOverrides, randomRequest, randomRules, writeLayer } from './random-policy.js';
import { decide, load, request } from './support.js';

const STRICTNESS: Record<Effect, number> = { allow: 0, ask: 1, deny: 2 };
const FILES: readonly FileScope[] = ['global', 'project', 'ai'];
const REQUESTS = 10;

/** What is decided as layer after layer is added below, from the uppermost alone to all with the overrides. */
function decideDownwards(layers: readonly LayerSource[], overrides: readonly PolicyOverride[], what: PolicyRequest) {
  const upTo = layers.map((_, index) => load(layers.slice(0, index + 1)));
  return [...upTo, load([...layers], { overrides })].map((policy) => decide(policy, what));
}

describe('whatever the layers say', () => {
  it('a lower layer never loosens what the rules upstream decided and did not open', () => {
    const random = createRandom(11);
    let compared = 0;
    for (let round = 0; round < 250; round++) {
      const layers = FILES.map((scope) => writeLayer(random, scope, randomRules(random, 6)));
      const overrides = randomOverrides(random);
      for (let each = 0; each < REQUESTS; each++) {
        const steps = decideDownwards(layers, overrides, randomRequest(random));
        for (const [at, upper] of steps.entries()) {
          for (const lower of steps.slice(at + 1)) {
            // Where no rule speaks, a lower one may; and what was opened may be used.
            if (upper.reasonCode === 'default' || lower.exceptionsUsed.length > 0) continue;
            compared++;
            expect({ lower, isLooser: STRICTNESS[lower.decision] < STRICTNESS[upper.decision] }).toMatchObject({
              isLooser: false,
            });
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(2000);
  });

  it('nothing that no rule opens is loosened by an exception or an override', () => {
    const random = createRandom(14);
    for (let round = 0; round < 250; round++) {
      const closed = randomRules(random, 8).map((rule) =>
        rule.replace(/overridable_by: \[.*?\]/, 'overridable_by: []'),
      );
      const layers = [writeLayer(random, 'global', closed), writeLayer(random, 'project', [])];
      for (let each = 0; each < REQUESTS; each++) {
        const steps = decideDownwards(layers, randomOverrides(random), randomRequest(random));
        expect(steps.flatMap((step) => step.exceptionsUsed)).toEqual([]);
        expect(steps[2]?.decision).toBe(steps[1]?.decision);
      }
    }
  });

  it('an untrusted layer never loosens anything', () => {
    const random = createRandom(12);
    for (let round = 0; round < 250; round++) {
      const upper = [writeLayer(random, 'global', randomRules(random, 6))];
      const lower = FILES.slice(1).map((scope) => writeLayer(random, scope, randomRules(random, 6), false));
      const [before, after] = [load(upper), load([...upper, ...lower])];
      for (let each = 0; each < REQUESTS; each++) {
        const what = randomRequest(random);
        const isLooser = STRICTNESS[decide(after, what).decision] < STRICTNESS[decide(before, what).decision];
        expect({ what, isLooser }).toEqual({ what, isLooser: false });
      }
    }
  });

  it('a line is never judged looser than any of its commands', () => {
    const random = createRandom(13);
    const judge = (policy: ReturnType<typeof load>, command: string): number =>
      STRICTNESS[decide(policy, request('shell.run', { action: { command } })).decision];
    for (let round = 0; round < 300; round++) {
      const policy = load(FILES.map((scope) => writeLayer(random, scope, randomRules(random, 6))));
      const parts = [random.pick(LINES), random.pick(LINES)];
      const whole = parts.join(random.pick([' && ', '; ', ' | ', '\n']));
      expect(judge(policy, whole)).toBeGreaterThanOrEqual(Math.max(...parts.map((part) => judge(policy, part))));
    }
  });
});

const LINES = ['git push', 'git status', 'npm test', 'ls', 'ls $X', 'timeout 5 npm test', 'ls > src/a.ts', 'cat .env'];
