import { describe, expect, it } from '@jest/globals';
import { createRandom, type Random } from '@signalbox/testkit';
import { findPolicyConflicts, type PolicyFinding } from '../../src/findings/index.js';
import type { Policy } from '../../src/index.js';
import { decide, layer, load, NOW, plainMachine } from '../support.js';
import { type RandomRule, randomRequest, randomRules } from './random-policy.js';

const POLICIES = 320;
const SAMPLES = 40;

// In this workspace docs/link is a link to a source file, so that it is seen under two names.
const machine = {
  ...plainMachine,
  realPath: (path: string) => plainMachine.realPath(path).replace('/repo/docs/link', '/repo/src/a.ts'),
};

function text(scope: string, fallback: string, rules: readonly RandomRule[]): string {
  const listed = rules.map((rule) => rule.text).join('');
  return `version: 1\nscope: ${scope}\ndefault: ${fallback}\nrules:${listed === '' ? ' []' : `\n${listed}`}`;
}

interface Case {
  above: RandomRule[];
  below: RandomRule[];
  fallback: string;
}

function randomCase(random: Random): Case {
  const fallback = random.pick(['allow', 'ask', 'deny']);
  return { above: randomRules(random, random.below(3)), below: randomRules(random, 1 + random.below(6)), fallback };
}

function loadCase({ above, below, fallback }: Case, without = ''): Policy {
  const keep = (scope: string) => (rule: RandomRule) => `${scope}/${rule.id}` !== without;
  const sources = [
    layer(text('global', 'allow', above.filter(keep('global'))), { scope: 'global', path: 'global.yaml' }),
    layer(text('project', fallback, below.filter(keep('project')))),
  ];
  return load(sources, machine);
}

function eachCase(
  seed: number,
  test: (policy: Policy, found: PolicyFinding[], which: Case, random: Random) => void,
): void {
  for (let index = 0; index < POLICIES; index++) {
    const random = createRandom(seed + index);
    const which = randomCase(random);
    const policy = loadCase(which);
    expect(policy.problems).toEqual([]);
    test(policy, findPolicyConflicts(policy, { now: NOW }).findings, which, random);
  }
}

describe('findings of random policies', () => {
  it('are right: the rule matches the witness, and without it no request is decided in another way', () => {
    let removed = 0;
    eachCase(1, (policy, found, which, random) => {
      for (const finding of found) {
        removed++;
        checkWitness(policy, finding);
        const without = loadCase(which, finding.rules[0]);
        const requests = Array.from({ length: SAMPLES }, () => randomRequest(random));
        for (const request of finding.witness ? [...requests, finding.witness] : requests) {
          const [before, after] = [decide(policy, request).decision, decide(without, request).decision];
          if (before !== after) expect({ finding, which, request, before, after }).toBeNull();
        }
      }
    });
    expect(removed).toBeGreaterThan(200);
  });
});

/** The rule matches the witness; only a rule that can never match has none. */
function checkWitness(policy: Policy, { kind, rules, witness, witnessText }: PolicyFinding): void {
  expect(witness === null).toBe(kind === 'dead');
  if (!witness) return;
  expect(witnessText).toContain(witness.action.name);
  const record = decide(policy, witness);
  if (record.reasonCode !== 'base') expect(record.matched.map(({ rule }) => rule)).toContain(rules[0]);
}
