import type { Attributes } from '../../expression/evaluate.js';

export type FindingKind = 'dead' | 'contradiction' | 'shadowed' | 'redundant' | 'illegal-loosening' | 'gap';

/** A request for which the evaluator confirms a finding. */
export interface WitnessRequest {
  readonly action: string;
  readonly attributes: Attributes;
}

export interface Finding<At = unknown> {
  readonly kind: FindingKind;
  readonly severity: 'error' | 'warning' | 'info';
  /** The rule it is about, then the others involved; empty for a gap. */
  readonly rules: readonly string[];
  /** A request that the rule matches and the others too; for a gap one that no rule matches. A dead rule has none. */
  readonly witness: WitnessRequest | null;
  /** Where the rule stands, if it said so. */
  readonly at?: At;
}

/** What could not be found out: about a rule, or (`rule` null) about the gaps of some actions. */
export interface UnknownConflict {
  readonly rule: string | null;
  readonly actions: readonly string[];
  readonly reason: string;
}

export const SEVERITY: Record<FindingKind, Finding['severity']> = {
  dead: 'error',
  contradiction: 'error',
  shadowed: 'error',
  'illegal-loosening': 'error',
  redundant: 'warning',
  gap: 'info',
};
