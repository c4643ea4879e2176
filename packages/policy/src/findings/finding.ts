import type { FindingKind } from '@signalbox/rules/analysis';
import type { PolicyRequest } from '../request.js';

/** Something wrong with the rules of a policy taken together. */
export interface PolicyFinding {
  /** `unanswerable`: rules want the approvals of different persons for one request. */
  kind: FindingKind | 'unanswerable';
  severity: 'error' | 'warning' | 'info';
  /** Full ids: the rule it is about first, then the others involved; `base/…` is the built-in base. Empty for a gap. */
  rules: string[];
  /** Where each of the rules stands, as `file:line:column`; `built-in` for the base. */
  at: string[];
  /** One sentence. */
  message: string;
  /** A request that shows it and for which `decide` was asked; `null` for a rule that can never match. */
  witness: PolicyRequest | null;
  /** The witness in words. */
  witnessText: string | null;
}

/** What could not be found out or confirmed; it may be in order and it may not. */
export interface UnknownFinding {
  /** The full id of the rule; `null` if it is about all rules or about gaps. */
  rule: string | null;
  at: string | null;
  /** One sentence. */
  reason: string;
}

export interface FindingsReport {
  findings: PolicyFinding[];
  unknown: UnknownFinding[];
}

export interface FindingsOptions {
  /** Milliseconds since the epoch; rules that have expired by then are left out. Unless given, none has. */
  now?: number;
  /** Steps that one question may take before its answer is unknown. */
  budget?: number;
  /** Steps that all questions together may take. */
  totalBudget?: number;
  /** Whether to look for requests that no rule is about. */
  gaps?: boolean;
}
