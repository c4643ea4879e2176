import { checkTypes } from './check.js';
import { type Attributes, compileFormula } from './evaluate.js';
import { type Formula, leavesOf } from './formula.js';
import { type ExpressionProblem, ExpressionSyntax, problemAt } from './problem.js';
import type { AttributeSchema } from './schema.js';
import { parseSyntax, type Syntax } from './syntax.js';

export const MAX_EXPRESSION_LENGTH = 8192;

/** A checked condition. */
export interface Expression {
  readonly source: string;
  /** The checked tree, for analysis. */
  readonly formula: Formula;
  /** Every use of an attribute, from left to right; offsets are UTF-16 indexes into the source. */
  readonly uses: readonly { readonly attribute: string; readonly offset: number }[];
  /**
   * Whether the condition holds. Throws `RuleError` with code `EVALUATION` if an attribute it needs is absent (and not asked
   * for with `has()`) or of another type than declared. An operand that decides the result absorbs such an error.
   */
  evaluate(attributes: Attributes): boolean;
}

export type Compilation =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly problems: ExpressionProblem[] };

/** Compiles a condition over the attributes of `schema`. Lists every type error, but only the first syntax error. */
export function compileExpression(source: string, schema: AttributeSchema): Compilation {
  const problems: ExpressionProblem[] = [];
  const report = (message: string, offset: number): void => {
    problems.push(problemAt(source, offset, message));
  };
  const syntax = readSyntax(source, report);
  if (syntax === null) return { ok: false, problems };
  const formula = checkTypes(syntax, schema, report);
  if (problems.length > 0) return { ok: false, problems };
  const uses = leavesOf(formula).map(({ attribute, offset }) => ({ attribute, offset }));
  return { ok: true, expression: { source, formula, uses, evaluate: compileFormula(formula) } };
}

function readSyntax(source: string, report: (message: string, offset: number) => void): Syntax | null {
  if (source.length > MAX_EXPRESSION_LENGTH) {
    report(`An expression may have ${MAX_EXPRESSION_LENGTH} characters.`, 0);
    return null;
  }
  try {
    return parseSyntax(source);
  } catch (thrown) {
    if (!(thrown instanceof ExpressionSyntax)) throw thrown;
    report(thrown.message, thrown.offset);
    return null;
  }
}
