import type { AttributeSchema } from '../../expression/schema.js';
import type { AnalysisOptions } from '../analyzer.js';
import { Budget } from '../budget.js';
import { type ActionClass, classifyActions } from './action-classes.js';
import { ClassAnalysis } from './class-analysis.js';
import { combineJudgements } from './combine-judgements.js';
import { type Finding, SEVERITY, type UnknownConflict } from './finding.js';
import { judgeRule } from './judge-rule.js';
import { type AnalysedRule, checkRules, type RuleEffect } from './rule.js';

export interface ConflictOptions extends Omit<AnalysisOptions, 'required'> {
  /** Steps that all questions together may take; 10 million unless given, which is some seconds. */
  readonly totalBudget?: number;
  /** Every action there is; without it, those that the rules name. */
  readonly actions?: readonly string[];
  /** Attributes that every request for an action has, with their types; none unless given. */
  readonly required?: (action: string) => AttributeSchema;
  /** From the uppermost down; `global`, `project`, `ai` unless given. */
  readonly layers?: readonly string[];
  /** What is decided where no rule matches. If given, a rule that says no more than that is redundant. */
  readonly default?: RuleEffect;
  /** Whether to look for actions and requests that no rule is about. */
  readonly gaps?: boolean;
  /** The attribute that `command` patterns are about; `action.argv` unless given. */
  readonly commandAttribute?: string;
}

export interface ConflictReport<At = unknown> {
  readonly findings: readonly Finding<At>[];
  readonly unknown: readonly UnknownConflict[];
  /** Questions put to the solver, the measure of the work. */
  readonly solverCalls: number;
}

const DEFAULT_TOTAL_BUDGET = 10_000_000;
const DEFAULT_LAYERS = ['global', 'project', 'ai'];

/**
 * Finds what is wrong with a set of rules of which all are evaluated and the strictest effect decides (deny, ask, allow).
 * A rule gets at most one finding, about all the actions it is on: dead (it never matches), illegal-loosening (an allow of a
 * lower layer that an upper one forbids entirely), contradiction (a stricter rule matches the same requests), shadowed
 * (stricter rules match wherever it does), redundant (removing it changes no decision, and neither does removing all that
 * are redundant). What the budget did not suffice for is in `unknown`. Rules that do not apply (expired, in audit mode) are
 * to be left out. Throws `RuleError` with code `RULES_INVALID` or `SCHEMA_MISMATCH`.
 */
export function findConflicts<At = unknown>(
  rules: readonly AnalysedRule<At>[],
  options: ConflictOptions = {},
): ConflictReport<At> {
  const { layers = DEFAULT_LAYERS, required = () => ({}), commandAttribute = 'action.argv', ...rest } = options;
  checkRules(rules, layers);
  const pool = new Budget(options.totalBudget ?? DEFAULT_TOTAL_BUDGET);
  const classes = classifyActions(rules, options.actions, required).map((actions) => ({
    actions,
    analysis: new ClassAnalysis(actions, commandAttribute, rest, pool),
  }));
  const findings: Finding<At>[] = [];
  const unknown: UnknownConflict[] = [];
  const removed = new Set<AnalysedRule>();
  const judgeOptions = { layers, default: options.default ?? null };
  // From the last rule up, so that of two equal rules the later one is redundant.
  for (const rule of [...rules].reverse()) {
    const own = classes.filter(({ actions }) => actions.rules.includes(rule));
    const judged = own.map(({ actions, analysis }) => ({
      actions,
      judgement: judgeRule(rule, analysis, removed, judgeOptions),
    }));
    const isElsewhere = (other: AnalysedRule): boolean =>
      classes.some((each) => each.actions.rules.includes(other) && !own.includes(each));
    const result = combineJudgements(rule, judged, isElsewhere);
    if (result === null) continue;
    if ('reason' in result) {
      unknown.unshift(result);
      continue;
    }
    findings.unshift(result);
    if (result.kind === 'redundant') removed.add(rule);
  }
  if (options.gaps) for (const { actions, analysis } of classes) findGap(actions, analysis, findings, unknown);
  return { findings, unknown, solverCalls: classes.reduce((sum, { analysis }) => sum + analysis.analyzer.calls, 0) };
}

function findGap<At>(
  { actions, rules }: ActionClass,
  analysis: ClassAnalysis,
  findings: Finding<At>[],
  unknown: UnknownConflict[],
): void {
  const found = analysis.cover(null, rules);
  if (found.status === 'unknown') unknown.push({ rule: null, actions, reason: found.reason });
  if (found.status !== 'open') return;
  for (const action of actions) {
    findings.push({ kind: 'gap', severity: SEVERITY.gap, rules: [], witness: { action, attributes: found.witness } });
  }
}
