import { RuleError } from '../errors.js';
import { matchesGlob, parseGlob } from '../glob/index.js';
import type { Formula, Leaf } from './formula.js';

/** Attributes by nested name: `{ resource: { path: 'src/a.ts' } }`. Sets are arrays of strings, maps plain objects. */
export type Attributes = { readonly [name: string]: unknown };

type Evaluator = (attributes: Attributes) => boolean;

/** Compiles a formula to a closure. The closure throws `RuleError` with code `EVALUATION`. */
export function compileFormula(formula: Formula): Evaluator {
  switch (formula.kind) {
    case 'constant':
      return () => formula.value;
    case 'not': {
      const operand = compileFormula(formula.operand);
      return (attributes) => !operand(attributes);
    }
    case 'and':
      return junction(formula.operands.map(compileFormula), false);
    case 'or':
      return junction(formula.operands.map(compileFormula), true);
    case 'has':
      return (attributes) => lookUp(attributes, formula.attribute) !== undefined;
    default: {
      const test = leafTest(formula);
      return (attributes) => test(present(attributes, formula.attribute));
    }
  }
}

/** As in CEL, an operand that decides the result absorbs the errors of the others, on either side of it. */
function junction(operands: readonly Evaluator[], decisive: boolean): Evaluator {
  return (attributes) => {
    let error: unknown;
    for (const operand of operands) {
      try {
        if (operand(attributes) === decisive) return decisive;
      } catch (thrown) {
        error ??= thrown;
      }
    }
    if (error) throw error;
    return !decisive;
  };
}

function leafTest(leaf: Exclude<Leaf, { kind: 'has' }>): (value: unknown) => boolean {
  const { attribute } = leaf;
  switch (leaf.kind) {
    case 'equals':
      return (value) => typed(attribute, value, typeof leaf.value) === leaf.value;
    case 'order': {
      const compare = ORDER[leaf.operator];
      return (value) => compare(typed(attribute, value, 'number') as number, leaf.value);
    }
    case 'oneOf': {
      const type = typeof (leaf.values[0] ?? '');
      return (value) => leaf.values.length > 0 && leaf.values.includes(typed(attribute, value, type) as string);
    }
    case 'holds':
      return (value) => holds(attribute, value, leaf.value);
    case 'text': {
      const test = textTest(leaf.test, leaf.value);
      return (value) => test(typed(attribute, value, 'string') as string);
    }
  }
}

const ORDER = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;

function textTest(test: Extract<Leaf, { kind: 'text' }>['test'], value: string): (text: string) => boolean {
  if (test === 'startsWith') return (text) => text.startsWith(value);
  if (test === 'endsWith') return (text) => text.endsWith(value);
  if (test === 'contains') return (text) => text.includes(value);
  const glob = parseGlob(value);
  return (text) => matchesGlob(glob, text);
}

function holds(attribute: string, value: unknown, member: string): boolean {
  if (Array.isArray(value)) return value.includes(member);
  if (typeof value === 'object' && value !== null) return Object.hasOwn(value, member);
  throw evaluationError(`"${attribute}" is neither a set nor a map in this request`);
}

function typed(attribute: string, value: unknown, type: string): unknown {
  if (typeof value === type) return value;
  throw evaluationError(`"${attribute}" is a ${typeof value} in this request, not a ${type}`);
}

function present(attributes: Attributes, name: string): unknown {
  const value = lookUp(attributes, name);
  if (value === undefined) throw evaluationError(`"${name}" is absent from this request`);
  return value;
}

function lookUp(attributes: Attributes, name: string): unknown {
  let value: unknown = attributes;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Attributes)[part];
  }
  return value ?? undefined;
}

function evaluationError(problem: string): RuleError {
  return new RuleError({
    code: 'EVALUATION',
    message: `The expression cannot be evaluated: ${problem}.`,
    hint: 'Ask has(…) before using an attribute that a request may lack.',
  });
}
