/** What a problem of a policy file is about. */
export type PolicyProblemCode =
  | 'POLICY_YAML'
  | 'POLICY_SCHEMA'
  | 'POLICY_EXPRESSION'
  | 'POLICY_TEST'
  | 'POLICY_UNREADABLE';

/** One thing wrong with a policy file. */
export interface PolicyProblem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  code: PolicyProblemCode;
  /** One sentence. */
  message: string;
}
