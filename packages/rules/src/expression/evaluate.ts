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
  const [first, second] = operands;
  if (first && second && operands.length === 2) return pair(first, second, decisive);
  return (attributes) => {
    let failure: EvaluationFailure | null = null;
    for (let at = 0; at < operands.length; at++) {
      const result = (operands[at] as Evaluator)(attributes);
      if (result === decisive) return decisive;
      if (typeof result !== 'boolean') failure ??= result;
    }
    return failure ?? !decisive;
  };
}

/** The junction of two, which most are. */
function pair(first: Evaluator, second: Evaluator, decisive: boolean): Evaluator {
  return (attributes) => {
    const left = first(attributes);
    if (left === decisive) return decisive;
    const right = second(attributes);
    if (right === decisive) return decisive;
    return typeof left === 'boolean' ? right : left;
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

/** The value of an attribute; `undefined` if it or a group above it is absent, inherited or `null`. */
function compileLookUp(name: string): (attributes: Attributes) => unknown {
  const parts = name.split('.');
  const [group, member] = parts;
  if (group !== undefined && member !== undefined && parts.length === 2) {
    return (attributes) => memberOf(memberOf(attributes, group), member);
  }
  return (attributes) => {
    let value: unknown = attributes;
    for (let at = 0; at < parts.length; at++) value = memberOf(value, parts[at] as string);
    return value;
  };
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const member = (value as Attributes)[name];
  // Read before it is asked whose it is: most absent attributes need no second look.
  return member !== undefined && member !== null && Object.hasOwn(value, name) ? member : undefined;
}

export function evaluationError({ problem }: EvaluationFailure): RuleError {
  return new RuleError({
    code: 'EVALUATION',
    message: `The expression cannot be evaluated: ${problem}.`,
    hint: 'Ask has(…) before using an attribute that a request may lack.',
  });
}
