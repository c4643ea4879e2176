import type { Attributes } from '../../expression/evaluate.js';
import type { ClassAnalysis } from './class-analysis.js';
import { type AnalysedRule, isStricter, type RuleEffect } from './rule.js';

/** What one class of actions says about a rule. `alive`: it decides something there. */
export type Judgement =
  | { readonly kind: 'alive' }
  | { readonly kind: 'dead' }
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'contradiction' | 'illegal-loosening' | 'shadowed' | 'redundant';
      readonly others: readonly AnalysedRule[];
      readonly witness: Attributes;
    };

export interface JudgeOptions {
  /** From the uppermost down. */
  readonly layers: readonly string[];
  /** What is decided where no rule matches, if that counts when a rule is removed. */
  readonly default: RuleEffect | null;
}

/** How many rules are compared for a contradiction, each at the cost of one question. */
const MAX_COMPARED = 20;

/** Judges one rule among the others of its class; `without` are rules to take for removed. */
export function judgeRule(
  rule: AnalysedRule,
  analysis: ClassAnalysis,
  without: ReadonlySet<AnalysedRule>,
  options: JudgeOptions,
): Judgement {
  const first = analysis.find([rule]);
  if (first.status === 'unknown') return { kind: 'unknown', reason: first.reason };
  if (first.status === 'unsatisfiable') return { kind: 'dead' };
  const { witness } = first;
  const others = analysis.rules.filter((each) => each !== rule && !without.has(each));
  const stricter = others.filter((each) => isStricter(each.effect, rule.effect));
  const shadow = analysis.cover(rule, stricter);
  if (shadow.status === 'unknown') return { kind: 'unknown', reason: shadow.reason };
  if (shadow.status === 'covered')
    return judgeShadowed(rule, analysis, { stricter, core: shadow.core, witness }, options);
  return judgeRedundant(rule, analysis, others, options);
}

function judgeShadowed(
  rule: AnalysedRule,
  analysis: ClassAnalysis,
  shadow: { stricter: readonly AnalysedRule[]; core: readonly AnalysedRule[]; witness: Attributes },
  options: JudgeOptions,
): Judgement {
  const { stricter, core, witness } = shadow;
  if (rule.effect === 'allow') {
    const binding = stricter.filter((each) => binds(each, rule, options.layers));
    const forbidden = binding.length > 0 ? analysis.cover(rule, binding) : null;
    if (forbidden?.status === 'covered') return { kind: 'illegal-loosening', others: forbidden.core, witness };
  }
  const overlapping = stricter.filter((each) => analysis.matches(each, witness)).slice(0, MAX_COMPARED);
  const same = overlapping.find(
    (each) => analysis.cover(rule, [each]).status === 'covered' && analysis.isWithin(each, rule),
  );
  if (same) return { kind: 'contradiction', others: [same], witness };
  return { kind: 'shadowed', others: core, witness };
}

/** Whether a rule of an upper layer binds the layer of another. */
function binds(upper: AnalysedRule, lower: AnalysedRule, layers: readonly string[]): boolean {
  if (lower.layer === undefined || upper.overridableBy?.includes(lower.layer)) return false;
  return layers.indexOf(upper.layer ?? layers[0] ?? '') < layers.indexOf(lower.layer);
}

function judgeRedundant(
  rule: AnalysedRule,
  analysis: ClassAnalysis,
  others: readonly AnalysedRule[],
  options: JudgeOptions,
): Judgement {
  if (rule.obliges) return { kind: 'alive' };
  const atLeast = others.filter((each) => !isStricter(rule.effect, each.effect));
  // Rules to take for removed count here too, so that removing this one alone changes nothing either.
  const weaker = analysis.rules.filter((each) => isStricter(rule.effect, each.effect));
  // Where the default says the same, a rule still changes what weaker rules would decide.
  const coverage = analysis.cover(rule, atLeast, options.default === rule.effect ? weaker : null);
  if (coverage.status === 'unknown') return { kind: 'unknown', reason: coverage.reason };
  if (coverage.status === 'open') return { kind: 'alive' };
  const example = analysis.find([rule, ...coverage.core.slice(0, 1)]);
  const fallback = example.status === 'satisfiable' ? example : analysis.find([rule]);
  if (fallback.status !== 'satisfiable')
    return { kind: 'unknown', reason: 'no witness was found for a redundant rule' };
  return { kind: 'redundant', others: coverage.core, witness: fallback.witness };
}
