import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type AnalysedRule,
  type ConflictReport,
  findConflicts,
  type RuleEffect,
  type WitnessRequest,
} from '../../src/analysis/index.js';
import { compileExpression, type Expression } from '../../src/index.js';
import { schema as celSchema } from '../oracle/cel.js';
import { environments, leaves } from '../oracle/generate.js';
import { write } from '../oracle/write.js';
import { createRandom, type Random } from '../random.js';
import { decide, isMatched } from './decide.js';

const ROUNDS = process.env['SIGNALBOX_LONG_TESTS'] ? 20_000 : 2_000;
const ACTIONS = ['a.x', 'a.y', 'b.x', 'b.z'];
const WORDS = ['npm', 'test', 'run', 'git'];
const EFFECTS: readonly RuleEffect[] = ['deny', 'ask', 'allow'];
const schema = { ...celSchema, 'action.argv': 'set' } as const;

const pool = fc.sample(leaves, { seed: 31, numRuns: 3_000 }).map((leaf) => write(leaf));
const requests = sampleRequests();

type Rules = AnalysedRule<string>[];

describe('findings over random sets of rules', () => {
  it(`are borne out by removal and by sampling, for ${ROUNDS} sets`, () => {
    const random = createRandom(4711);
    const seen = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const rules = randomRules(random);
      const planted = plantShadowed(random, rules);
      const fallback = random.pick([undefined, ...EFFECTS]);
      const report = findConflicts([...rules, planted], {
        onUnconfirmed: 'throw',
        gaps: true,
        actions: ACTIONS,
        ...(fallback ? { default: fallback } : {}),
      });
      expect(report.unknown).toEqual([]);
      for (const { kind } of report.findings) seen.set(kind, (seen.get(kind) ?? 0) + 1);
      const samples = [...pickRequests(random), ...report.findings.flatMap(({ witness }) => witness ?? [])];
      checkReport([...rules, planted], report, samples, fallback ?? 'nothing');
      expect(report.findings.some((each) => each.rules[0] === planted.id && each.kind !== 'redundant')).toBe(true);
    }
    const kinds = ['contradiction', 'dead', 'gap', 'illegal-loosening', 'redundant', 'shadowed'];
    expect([...seen.keys()].sort()).toEqual(kinds);
    for (const kind of kinds) expect(seen.get(kind)).toBeGreaterThan(ROUNDS / 50);
  }, 600_000);
});

function checkReport(
  rules: Rules,
  { findings }: ConflictReport,
  samples: readonly WitnessRequest[],
  fallback: string,
): void {
  const redundant = new Set(findings.filter(({ kind }) => kind === 'redundant').map((each) => each.rules[0]));
  const slim = rules.filter(({ id }) => !redundant.has(id));
  const uncovered = new Set(
    findings.flatMap(({ kind, witness }) => (kind === 'gap' && witness ? [witness.action] : [])),
  );
  for (const sample of samples) {
    const decision = decide(rules, sample, fallback);
    expect(decide(slim, sample, fallback)).toBe(decision);
    if (!uncovered.has(sample.action)) expect(rules.some((rule) => isMatched(rule, sample))).toBe(true);
    for (const finding of findings) {
      const rule = rules.find(({ id }) => id === finding.rules[0]);
      if (!rule) continue;
      const without = rules.filter((each) => each !== rule);
      if (decide(without, sample, fallback) !== decision)
        fail(finding, rules, sample, 'removing it changes a decision');
      if (finding.kind === 'redundant' || !isMatched(rule, sample)) continue;
      if (finding.kind === 'dead') fail(finding, rules, sample, 'it matches');
      if (rule.effect === decision) fail(finding, rules, sample, 'it decides');
    }
  }
  for (const { kind, rules: ids, witness } of findings) {
    if (kind === 'dead') expect(witness).toBeNull();
    else if (kind === 'gap') expect(rules.some((rule) => isMatched(rule, witness as WitnessRequest))).toBe(false);
    else expect(rules.some((rule) => rule.id === ids[0] && isMatched(rule, witness as WitnessRequest))).toBe(true);
  }
}

function fail(finding: unknown, rules: Rules, sample: WitnessRequest, why: string): never {
  const shown = rules.map(({ id, effect, on, when, unless, command }) => {
    return { id, effect, on, when: (when as Expression)?.source, unless: (unless as Expression)?.source, command };
  });
  throw new Error(`${why}: ${JSON.stringify({ finding, sample, shown }, null, 1)}`);
}

function randomRules(random: Random): Rules {
  const vocabulary = Array.from({ length: 6 }, () => random.pick(pool));
  return Array.from({ length: 2 + random.below(8) }, (_, at): AnalysedRule<string> => {
    const when = random.below(6) > 0 ? randomCondition(random, vocabulary) : null;
    const unless = random.below(4) === 0 ? randomCondition(random, vocabulary) : null;
    return {
      id: `r${at}`,
      effect: random.pick(EFFECTS),
      on: random.pick([['a.x'], ['a.*'], ['a.x', 'b.x'], ['b.x'], ACTIONS]),
      when,
      unless,
      layer: random.pick(['global', 'project']),
      overridableBy: random.below(3) === 0 ? ['project'] : [],
      command:
        random.below(5) === 0
          ? { tokens: [[random.pick(WORDS), random.pick(WORDS)]], rest: random.below(2) === 0 }
          : null,
      at: `policy.yaml:${at + 1}:1`,
    };
  });
}

function randomCondition(random: Random, vocabulary: readonly string[]): Expression {
  const terms = Array.from({ length: 1 + random.below(3) }, () => {
    const term = random.pick(vocabulary);
    return random.below(4) === 0 ? `!(${term})` : term;
  });
  const compiled = compileExpression(terms.join(random.pick([' && ', ' || '])), schema);
  if (!compiled.ok) throw new Error(compiled.problems[0]?.message);
  return compiled.expression;
}

/** A rule that one of the others leaves nothing to. */
function plantShadowed(random: Random, rules: Rules): AnalysedRule<string> {
  const stricter: AnalysedRule<string> = { ...random.pick(rules), effect: 'deny' };
  rules.push({ ...stricter, id: 'planted-deny' });
  return { ...stricter, id: 'planted', effect: random.pick(['ask', 'allow'] as const), layer: 'project' };
}

function sampleRequests(): WitnessRequest[] {
  const argv = fc.option(fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }), { nil: undefined });
  const sampled = fc.tuple(environments, argv, fc.constantFrom(...ACTIONS)).map(([attributes, words, action]) => {
    return { action, attributes: words ? { ...attributes, action: { argv: words } } : attributes };
  });
  return fc.sample(sampled, { seed: 99, numRuns: 5_000 });
}

function pickRequests(random: Random): WitnessRequest[] {
  const start = random.below(requests.length - 100);
  return requests.slice(start, start + 100);
}
