import { checkTypes } from './check.js';
import { type Attributes, compileFormula, type EvaluationFailure, evaluationError } from './evaluate.js';
import { type Formula, leavesOf } from './formula.js';
import { MAX_EXPRESSION_LENGTH, MAX_PROBLEMS } from './limits.js';
import { parseSyntax } from './parser.js';
import { CompilationStopped, type ExpressionProblem, problemAt, type Report } from './problem.js';
import type { AttributeSchema } from './schema.js';

/** A checked condition. */
export interface Expression {
  readonly source: string;
  /** The checked tree, for analysis and for `printFormula`. */
  readonly formula: Formula;
  /** Every use of an attribute, from left to right; offsets are UTF-16 indexes into the source. */
  readonly uses: readonly { readonly attribute: string; readonly offset: number }[];
  /**
   * Whether the condition holds. Throws `RuleError` with code `EVALUATION` if an attribute it needs is absent (and not asked
   * for with `has()`) or of another type than declared. An operand that decides the result absorbs such an error.
   */
  evaluate(attributes: Attributes): boolean;
  /** As {@link evaluate}, with the error as a value: never throws, and an error costs no stack trace. */
  outcome(attributes: Attributes): boolean | EvaluationFailure;
}

export type Compilation =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly problems: ExpressionProblem[] };

/**
 * Compiles a condition over the attributes of `schema`. Lists every problem (up to 50), in the order of the source. Takes
 * time linear in the source, whatever stands in it; what is too long, too deep or too wide has a problem with code `LIMIT`.
 */
export function compileExpression(source: string, schema: AttributeSchema): Compilation {
  const problems: ExpressionProblem[] = [];
  const report: Report = (code, message, offset) => {
    problems.push(problemAt(source, offset, code, message));
    if (problems.length >= MAX_PROBLEMS) throw new CompilationStopped(message);
  };
  const formula = readFormula(source, schema, report);
  if (formula === null || problems.length > 0) {
    return { ok: false, problems: problems.sort((a, b) => a.offset - b.offset) };
  }
  const uses = leavesOf(formula).map(({ attribute, offset }) => ({ attribute, offset }));
  const outcome = compileFormula(formula);
  const evaluate = (attributes: Attributes): boolean => {
    const result = outcome(attributes);
    if (typeof result === 'boolean') return result;
    throw evaluationError(result);
  };
  return { ok: true, expression: { source, formula, uses, evaluate, outcome } };
}

function readFormula(source: string, schema: AttributeSchema, report: Report): Formula | null {
  try {
    if (source.length > MAX_EXPRESSION_LENGTH) {
      report('LIMIT', `An expression may have ${MAX_EXPRESSION_LENGTH} characters.`, 0);
      return null;
    }
    if (!source.isWellFormed()) {
      report('SYNTAX', 'The text holds half of a surrogate pair.', 0);
      return null;
    }
    return checkTypes(parseSyntax(source, report), schema, report);
  } catch (thrown) {
    if (!(thrown instanceof CompilationStopped)) throw thrown;
    return null;
  }
}
