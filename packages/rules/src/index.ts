export { RuleError, type RuleErrorCode, type RuleErrorFields } from './errors.js';
export { type Compilation, compileExpression, type Expression } from './expression/compile.js';
export type { Attributes, EvaluationFailure } from './expression/evaluate.js';
export { type Formula, type Leaf, leavesOf, type TextTest, type ValueTest } from './expression/formula.js';
export { printFormula } from './expression/print.js';
export type { ExpressionProblem, ExpressionProblemCode } from './expression/problem.js';
export { type AttributeSchema, type AttributeType, typeOfAttribute } from './expression/schema.js';
export { suggestName } from './suggest.js';
