import {
  type AnalysedRule,
  type ArgvPattern,
  matchesArgv,
  type RuleEffect,
  type WitnessRequest,
} from '../../src/analysis/index.js';

const STRICTEST_FIRST: readonly RuleEffect[] = ['deny', 'ask', 'allow'];

/** Whether a rule matches, written apart from the analysis: errors count against the request. */
export function isMatched(rule: AnalysedRule, { action, attributes }: WitnessRequest): boolean {
  if (!rule.on.some((entry) => entry === action || (entry.endsWith('.*') && action.startsWith(entry.slice(0, -1))))) {
    return false;
  }
  const argv = (attributes['action'] as { argv?: unknown } | undefined)?.argv;
  if (rule.command && !matchesArgv(rule.command as ArgvPattern, argv)) return false;
  const when = rule.when ? rule.when.outcome(attributes) : true;
  const unless = rule.unless ? rule.unless.outcome(attributes) : false;
  return rule.effect === 'allow' ? when === true && unless === false : when !== false && unless !== true;
}

/** The strictest effect of the rules that match; `fallback` if none does. */
export function decide(rules: readonly AnalysedRule[], request: WitnessRequest, fallback: string): string {
  const matched = new Set(rules.filter((rule) => isMatched(rule, request)).map(({ effect }) => effect));
  return STRICTEST_FIRST.find((effect) => matched.has(effect)) ?? fallback;
}
