import { RuleError } from '../errors.js';
import type { Formula, Leaf } from './formula.js';
import { compileTest } from './value-test.js';

/** Attributes by nested name: `{ resource: { path: 'src/a.ts' } }`. Sets are arrays of strings, maps plain objects. */
export type Attributes = { readonly [name: string]: unknown };

/** Why a condition has no value for a request: an attribute it needs is absent or not of its declared type. */
export interface EvaluationFailure {
  readonly attribute: string;
  /** The rest of a sentence: `"resource.host" is absent from this request`. */
  readonly problem: string;
}

type Evaluator = (attributes: Attributes) => boolean | EvaluationFailure;

/** Compiles a formula to a closure that never throws. */
export function compileFormula(formula: Formula): Evaluator {
  switch (formula.kind) {
    case 'constant':
      return () => formula.value;
    case 'not': {
      const operand = compileFormula(formula.operand);
      return (attributes) => {
        const result = operand(attributes);
        return typeof result === 'boolean' ? !result : result;
      };
    }
    case 'and':
      return junction(formula.operands.map(compileFormula), false);
    case 'or':
      return junction(formula.operands.map(compileFormula), true);
    case 'has': {
      const lookUp = compileLookUp(formula.attribute);
      return (attributes) => lookUp(attributes) !== undefined;
    }
    default:
      return leafEvaluator(formula);
  }
}

/** As in CEL, an operand that decides the result absorbs the errors of the others, on either side of it. */
function junction(operands: readonly Evaluator[], decisive: boolean): Evaluator {
  return (attributes) => {
    let failure: EvaluationFailure | null = null;
    for (const operand of operands) {
      const result = operand(attributes);
      if (result === decisive) return decisive;
      if (typeof result !== 'boolean') failure ??= result;
    }
    return failure ?? !decisive;
  };
}

function leafEvaluator(leaf: Exclude<Leaf, { kind: 'has' }>): Evaluator {
  const { attribute } = leaf;
  const lookUp = compileLookUp(attribute);
  const test = compileTest(leaf);
  const absent: EvaluationFailure = { attribute, problem: `"${attribute}" is absent from this request` };
  return (attributes) => {
    const value = lookUp(attributes);
    if (value === undefined) return absent;
    const result = test(value);
    return typeof result === 'boolean' ? result : { attribute, problem: `"${attribute}" ${result}` };
  };
}

function compileLookUp(name: string): (attributes: Attributes) => unknown {
  const parts = name.split('.');
  return (attributes) => {
    let value: unknown = attributes;
    for (const part of parts) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
      value = (value as Attributes)[part];
    }
    return value ?? undefined;
  };
}

export function evaluationError({ problem }: EvaluationFailure): RuleError {
  return new RuleError({
    code: 'EVALUATION',
    message: `The expression cannot be evaluated: ${problem}.`,
    hint: 'Ask has(…) before using an attribute that a request may lack.',
  });
}
