import type { ActionClass } from './action-classes.js';
import { type Finding, type FindingKind, SEVERITY, type UnknownConflict } from './finding.js';
import type { Judgement } from './judge-rule.js';
import type { AnalysedRule } from './rule.js';

export interface Judged {
  readonly actions: ActionClass;
  readonly judgement: Judgement;
}

// From the weakest statement to the strongest: over several classes the weakest holds for all of them.
const WEAKEST_FIRST = ['redundant', 'shadowed', 'contradiction', 'illegal-loosening'] as const;

/**
 * What the judgements of all classes that a rule is in say together (a rule in no class is
 * dead); `null` if it decides something. `isElsewhere`: whether
 * another rule is also on actions that this one is not on.
 */
export function combineJudgements<At>(
  rule: AnalysedRule<At>,
  judged: readonly Judged[],
  isElsewhere: (other: AnalysedRule) => boolean,
): Finding<At> | UnknownConflict | null {
  if (judged.some(({ judgement }) => judgement.kind === 'alive')) return null;
  for (const { actions, judgement } of judged) {
    if (judgement.kind === 'unknown') return { rule: rule.id, actions: actions.actions, reason: judgement.reason };
  }
  const covered = judged.flatMap(({ actions, judgement }) => ('others' in judgement ? [{ actions, judgement }] : []));
  const others = new Set(covered.flatMap(({ judgement }) => judgement.others));
  const weakest = WEAKEST_FIRST.find((each) => covered.some(({ judgement }) => judgement.kind === each)) ?? 'dead';
  const isSameSet = others.size === 1 && covered.length === judged.length && ![...others].some(isElsewhere);
  const kind: FindingKind = weakest === 'contradiction' && !isSameSet ? 'shadowed' : weakest;
  const shown = covered.find(({ judgement }) => judgement.kind === weakest);
  const action = shown?.actions.actions[0];
  return {
    kind,
    severity: SEVERITY[kind],
    rules: [rule.id, ...[...others].map(({ id }) => id)],
    witness: shown && action !== undefined ? { action, attributes: shown.judgement.witness } : null,
    ...(rule.at === undefined ? {} : { at: rule.at }),
  };
}
