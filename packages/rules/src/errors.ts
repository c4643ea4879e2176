export type RuleErrorCode =
  | 'GLOB_INVALID'
  | 'EVALUATION'
  /** Conditions that were compiled against different schemas are analysed together. */
  | 'SCHEMA_MISMATCH'
  /** The evaluator contradicts the analysis, which is a bug; thrown only where asked for. */
  | 'WITNESS_UNCONFIRMED'
  /** Two rules of one analysis have the same id, or a rule names a layer that is not among the layers. */
  | 'RULES_INVALID';

export interface RuleErrorFields {
  code: RuleErrorCode;
  /** One sentence saying what is wrong. */
  message: string;
  /** One sentence saying what to do about it. */
  hint?: string;
}

/** The one error of this package. It extends `Error` only, because this package imports nothing. */
export class RuleError extends Error {
  readonly code: RuleErrorCode;
  readonly hint: string | undefined;

  constructor(fields: RuleErrorFields) {
    super(fields.message);
    this.name = 'RuleError';
    this.code = fields.code;
    this.hint = fields.hint;
  }
}
