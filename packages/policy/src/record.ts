import type { Digest, JsonObject } from '@signalbox/kernel';
import type { Effect } from './effect.js';
import type { LayerScope, LayerState } from './file/layer.js';
import type { ObligationKind } from './file/obligation.js';

/**
 * Why a decision is what it is. `base`: the built-in base under all layers. `error.eval`: a rule could not be evaluated and
 * counted as matched. `error.policy`: a policy file is not valid. `obligation.unmet`: what a rule obliges to is not so.
 * `obligation.approval`: it would be allowed, and somebody has to agree first.
 */
export type ReasonCode =
  | 'rule.deny'
  | 'rule.ask'
  | 'rule.allow'
  | 'default'
  | 'base'
  | 'error.eval'
  | 'error.policy'
  | 'obligation.unmet'
  | 'obligation.approval';

export type MatchedRule = {
  /** Full id, `project/no-secrets`. */
  rule: string;
  effect: Effect;
  /** `file:line:column`. */
  at: string;
  /** False for a rule in audit mode, which is recorded and decides nothing. */
  applied: boolean;
  /** Whether an agent without a channel for questions may run under this rule. */
  enforce: 'required' | 'best-effort';
};

export type ObligationState = {
  kind: ObligationKind;
  /** As the rule says it: the sandbox mode, the kind of evidence, who approves, who reviews, the budget. */
  want: string;
  rule: string;
  /** `pending`: not to be known beforehand. Evidence and a budget without figures are the verdict's, the rest a person's. */
  state: 'met' | 'unmet' | 'pending';
};

/** What was really judged of a command. */
export type NormalisedCommands = {
  /** Every program start, wrappers and what they wrap both; a dynamic word stands as it was written. */
  commands: { argv: string[]; dynamic: boolean }[];
  /** Why the command can not be allowed without asking: one phrase for each construct. */
  unresolved: string[];
};

/** What the decision learnt about this machine, so that a replay gives the same answer. */
export type DecisionFacts = {
  realPaths: Record<string, string | null>;
  exists: Record<string, boolean>;
  programs: Record<string, string | null>;
};

/** A decision and everything needed to explain or replay it (PDR). JSON throughout. */
export type PolicyDecisionRecord = {
  id: string;
  /** ISO 8601. */
  time: string;
  decision: Effect;
  reasonCode: ReasonCode;
  /** One sentence for a person. */
  reason: string;
  request: JsonObject;
  inputDigest: Digest;
  policyDigest: Digest;
  layers: { scope: LayerScope; path: string; digest: Digest | null; state: LayerState }[];
  engine: { name: string; version: string; algorithm: string; language: string };
  matched: MatchedRule[];
  /** Full ids of the rules that the decision rests on; empty for `default`, `base` and `error.policy`. */
  determining: string[];
  exceptionsUsed: { rule: string; effect: Effect; at: string; by?: string; reason?: string }[];
  obligations: ObligationState[];
  errors: { rule: string; at: string; message: string }[];
  normalised: NormalisedCommands;
  replay: { deterministic: true; clock: string; workspace: string; facts: DecisionFacts };
};
